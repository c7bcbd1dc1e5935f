#include "streamer/package/vtt.hpp"

#include "streamer/subtitles/timestamp.hpp"

namespace carrel::streamer {
namespace {

/// No line end twice in a row, none at the beginning or the end, no arrow.
void append_payload(std::string& text, std::string_view payload) {
  char last = '\n';
  for (const char c : payload) {
    if (c == '\r' || c == '\0' || (c == '\n' && last == '\n')) continue;
    text += c;
    last = c;
    if (text.ends_with("-->")) text.replace(text.size() - 1, 1, "&gt;");
  }
  if (last != '\n') text += '\n';
}

}  // namespace

void append_cue(std::string& text, std::uint64_t start_us, std::uint64_t end_us, std::string_view settings,
                std::string_view payload) {
  text += '\n';
  text += subtitles::vtt_time(start_us) + " --> " + subtitles::vtt_time(end_us);
  if (!settings.empty() && settings.find_first_of("\r\n") == std::string_view::npos) {
    text += ' ';
    text += settings;
  }
  text += '\n';
  append_payload(text, payload);
}

void append_cue(std::string& text, const IndexView& index, const CueRecord& cue) {
  append_cue(text, cue.start_us, cue.end_us, index.text(cue.settings), index.text(cue.text));
}

}  // namespace carrel::streamer
