#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streamer/package/vtt.hpp"
#include "streamer/subtitles/ass.hpp"
#include "streamer/subtitles/ass_document.hpp"
#include "streamer/subtitles/boxed_webvtt.hpp"
#include "streamer/subtitles/sidecar.hpp"
#include "streamer/subtitles/subrip.hpp"
#include "streamer/subtitles/tx3g.hpp"
#include "streamer/subtitles/utf8.hpp"
#include "streamer/subtitles/webvtt.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel;
using namespace carrel::streamer;
using carrel::fuzz::require;

namespace {

/// One that cannot end its cue, begin another, or be more than a cue may be.
void check_payload(std::string_view text) {
  require(subtitles::is_utf8(text));
  require(text.find('\0') == std::string_view::npos);
  require(text.find('\r') == std::string_view::npos);
  require(text.find("-->") == std::string_view::npos);
  require(text.find("\n\n") == std::string_view::npos);
  require(!text.starts_with('\n') && !text.ends_with('\n'));
  require(text.size() < 2 * subtitles::kMaxCueText);
}

void check_settings(std::string_view settings) {
  require(settings.find_first_of("\r\n<>&") == std::string_view::npos);
  require(settings.size() < 256);
}

void check_track(const FilmIndex::Track& track) {
  std::uint64_t last = 0;
  for (const FilmIndex::Cue& cue : track.cues) {
    require(cue.start_us >= last && cue.end_us >= cue.start_us && cue.end_us < kMaxTicks);
    require(!cue.text.empty());
    last = cue.start_us;
    check_payload(cue.text);
    check_settings(cue.settings);
  }
  require(track.cues.size() <= kMaxCues);
  require(track.info.config.size() <= kMaxConfigBytes);
  for (const PieceRecord& piece : track.document) {
    require((piece.offset & kPieceLiteral) != 0 && piece.length > 0);
    require((piece.offset & ~kPieceLiteral) + piece.length <= track.literals.size());
  }
}

void convert_file(std::string_view extension, std::string_view language, std::int64_t origin,
                  std::string_view bytes) {
  subtitles::SidecarText file{std::string(extension), std::string(language), {}, false, false, {}, {}};
  if (extension == "idx") {
    const auto half = bytes.size() / 2;
    file.bytes = bytes.substr(0, half);
    file.sub = bytes.substr(half);
  } else {
    file.bytes = bytes;
  }
  for (const FilmIndex::Track& track : subtitles::tracks_of(file, origin)) check_track(track);
}

void convert_packet(std::string_view bytes) {
  using namespace subtitles;
  check_payload(tx3g_payload(bytes, tx3g_defaults(bytes)));
  std::vector<TimedText> boxed;
  for (TimedText& cue : boxed_cues(bytes)) append_boxed(boxed, std::move(cue));
  for (const TimedText& cue : boxed) {
    check_payload(cue.text);
    check_settings(cue.settings);
  }
  const std::string text = clean_utf8(bytes);
  check_payload(subrip_payload(text).first);
  check_settings(subrip_payload(text).second);
  check_payload(clean_payload(text));
  check_settings(clean_settings(text));
  const auto event = parse_matroska_event(text);
  if (event) {
    const TimedText cue = AssScript(text).convert(event->event);
    check_payload(cue.text);
    check_settings(cue.settings);
  }
  require(is_utf8(ass_document(text, {{0, 1, text}}, 0)));
}

}  // namespace

/// The first byte says what the rest is: a file of some kind, or a packet inside of a film; the second in
/// what language and how far its times are moved.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr std::string_view extensions[] = {"srt", "ass", "vtt", "sup", "idx"};
  constexpr std::string_view languages[] = {"", "ru", "ja", "zh", "ko", "pl", "tr", "el"};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const unsigned kind = data[0] % 6;
  const std::int64_t origin = std::int64_t{static_cast<std::int8_t>(data[1])} * 100'000;
  if (kind < 5) {
    convert_file(extensions[kind], languages[data[1] % 8], origin, bytes);
  } else {
    convert_packet(bytes);
  }
  return 0;
}
