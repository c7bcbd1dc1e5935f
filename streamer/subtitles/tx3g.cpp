#include "streamer/subtitles/tx3g.hpp"

#include <vector>

#include "streamer/subtitles/boxes.hpp"
#include "streamer/subtitles/charset.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kStyleRecordBytes = 12;

/// Face, size and colour of a style record (3GPP TS 26.245 section 5.16).
Look look_of(std::string_view style) {
  const std::uint32_t face = number_at(style, 0, 1);
  const std::string_view ink = style.size() < 5 ? std::string_view() : ink_of(number_at(style, 2, 3));
  return {(face & 1U) != 0, (face & 2U) != 0, (face & 4U) != 0, ink};
}

struct Run {
  std::uint32_t first = 0, end = 0;  ///< in characters
  Look look;
};

std::vector<Run> style_records(std::string_view boxes) {
  std::vector<Run> runs;
  while (const auto box = take_box(boxes)) {
    if (box->type != "styl" || box->body.size() < 2) continue;
    const std::size_t count = number_at(box->body, 0, 2);
    for (std::size_t i = 0; i < count && 2 + (i + 1) * kStyleRecordBytes <= box->body.size(); ++i) {
      const std::size_t at = 2 + i * kStyleRecordBytes;
      const Run run{number_at(box->body, at, 2), number_at(box->body, at + 2, 2),
                    look_of(box->body.substr(at + 6))};
      if (run.first < run.end) runs.push_back(run);
    }
  }
  return runs;
}

}  // namespace

Tx3gDefaults tx3g_defaults(std::string_view description) {
  constexpr std::size_t flags_at = 0, across_at = 4, down_at = 5, face_at = 24;
  constexpr std::uint32_t every_sample_forced = 0x80000000U;
  Tx3gDefaults defaults;
  if (description.size() <= face_at) return defaults;
  defaults.all_forced = (number_at(description, flags_at, 4) & every_sample_forced) != 0;
  defaults.look = look_of(description.substr(face_at));
  const auto across = static_cast<signed char>(description[across_at]);
  const auto down = static_cast<signed char>(description[down_at]);
  // The start is left, 1 the middle, -1 right; 0 above, 1 the middle, -1 below. QuickTime's older kind of
  // text leaves both 0 and means below.
  if (down == 0 && across == 0) return defaults;
  defaults.keypad = (down == 0 ? 7 : down == 1 ? 4 : 1) + (across == 0 ? 0 : across == 1 ? 1 : 2);
  return defaults;
}

std::string tx3g_payload(std::string_view sample, const Tx3gDefaults& defaults) {
  if (sample.size() < 2) return {};
  const std::size_t size = std::min<std::size_t>(number_at(sample, 0, 2), sample.size() - 2);
  const std::string text = clean_utf8(decoded_by_mark(sample.substr(2, size)));
  const auto runs = style_records(sample.substr(2 + size));
  Payload payload;
  std::string_view rest = text;
  std::uint32_t at = 0;
  std::size_t next = 0;  // runs are in the order of their characters
  std::string character;
  while (!rest.empty()) {
    while (next < runs.size() && runs[next].end <= at) ++next;
    const bool styled = next < runs.size() && runs[next].first <= at;
    payload.look(styled ? runs[next].look : defaults.look);
    character.clear();
    append_utf8(character, take_utf8(rest));
    payload.text(character);
    ++at;
  }
  return payload.finish();
}

}  // namespace carrel::streamer::subtitles
