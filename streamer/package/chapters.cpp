#include "streamer/package/subtitles.hpp"
#include "streamer/package/tag.hpp"
#include "streamer/package/vtt.hpp"
#include "streamer/subtitles/payload.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint32_t kMicroseconds = 1'000'000;
constexpr int kDigits = 6;
constexpr std::size_t kMostTitle = 4096;  // no indexer writes a longer one

std::string title_of(const IndexView& index, const ChapterRecord& chapter) {
  return subtitles::clean_utf8(index.text(chapter.title).substr(0, kMostTitle));
}

/// RFC 8259 section 7.
std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      json += ' ';
    } else {
      json += c;
    }
  }
  return json + '"';
}

}  // namespace

Result<Packaged> package_chapters_json(const IndexView& index) {
  std::string text = "{\"chapters\":[";
  bool first = true;
  for (const ChapterRecord& chapter : index.chapters()) {
    text += first ? "" : ",";
    first = false;
    text += "{\"start\":" + decimal_seconds(chapter.start_us, kMicroseconds, kDigits);
    text += ",\"end\":" + decimal_seconds(chapter.end_us, kMicroseconds, kDigits);
    text += ",\"title\":" + quoted(title_of(index, chapter)) + "}";
  }
  text += "]}\n";
  Packaged packaged{"application/json", {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

Result<Packaged> package_chapters_vtt(const IndexView& index) {
  std::string text(kVttHeader);
  for (const ChapterRecord& chapter : index.chapters()) {
    subtitles::Payload title;
    title.text(title_of(index, chapter));
    append_cue(text, chapter.start_us, chapter.end_us, {}, title.finish());
  }
  Packaged packaged{kVttType, {}};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
