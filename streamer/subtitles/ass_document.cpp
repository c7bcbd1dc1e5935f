#include "streamer/subtitles/ass_document.hpp"

#include <algorithm>
#include <tuple>

#include "streamer/subtitles/ass.hpp"
#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/timestamp.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::string_view kFormat =
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

/// The head up to the events' Format line, in the order of fields that the lines are written in. A script of
/// SSA has "Marked" where ASS has the layer.
std::string head_of(std::string_view found) {
  std::string head;
  bool in_events = false;
  for (const std::string_view line : lines_of(found)) {
    const std::string low = lower(trimmed(line));
    if (low.starts_with("[")) in_events = low.starts_with("[events]");
    if (in_events) continue;
    head += clean_utf8(line);
    head += '\n';
  }
  while (head.ends_with("\n\n")) head.pop_back();
  if (head.empty()) head = "[Script Info]\nScriptType: v4.00+\n";
  return head + "\n[Events]\n" + std::string(kFormat);
}

std::string no_line_ends(std::string_view text) {
  std::string one = clean_utf8(text);
  std::replace_if(
      one.begin(), one.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return one;
}

}  // namespace

std::string ass_document(std::string_view head, const std::vector<AssLine>& lines, std::int64_t origin_us) {
  struct Ordered {
    MatroskaEvent event;
    std::int64_t start_us, end_us;
    std::size_t position;
  };
  std::vector<Ordered> events;
  for (const AssLine& line : lines) {
    const auto event = parse_matroska_event(line.block);
    if (event && line.end_us > origin_us)
      events.push_back({*event, std::max<std::int64_t>(line.start_us - origin_us, 0), line.end_us - origin_us,
                        events.size()});
  }
  std::sort(events.begin(), events.end(), [](const Ordered& a, const Ordered& b) {
    return std::tie(a.event.order, a.position) < std::tie(b.event.order, b.position);
  });
  std::string document = head_of(head);
  for (const Ordered& one : events) {
    const AssEvent& event = one.event.event;
    document += "Dialogue: " + std::to_string(event.layer) + ',';
    document += ass_time(static_cast<std::uint64_t>(one.start_us)) + ',';
    document += ass_time(static_cast<std::uint64_t>(one.end_us));
    for (const std::string_view field : {event.style, event.name, event.margin_left, event.margin_right,
                                         event.margin_vertical, event.effect, event.text})
      document += ',' + no_line_ends(field);
    document += '\n';
    if (document.size() > kMaxAssBytes) break;
  }
  return document;
}

std::string shifted_ass(std::string_view file, std::int64_t origin_us) {
  std::string document;
  std::vector<std::string> format{"layer", "start", "end"};
  bool in_events = false;
  for (const std::string_view line : lines_of(file)) {
    const std::string_view plain = trimmed(line);
    const std::string low = lower(plain.substr(0, 10));
    if (low.starts_with("[")) in_events = low.starts_with("[events]");
    const bool event = in_events && (low.starts_with("dialogue:") || low.starts_with("comment:"));
    if (in_events && low.starts_with("format:")) {
      format.clear();
      for (const std::string_view name : split(plain.substr(7), 32)) format.push_back(lower(trimmed(name)));
    }
    if (!event) {
      document += clean_utf8(line) + '\n';
      continue;
    }
    const auto colon = plain.find(':');
    std::string moved(plain.substr(0, colon + 1));
    bool shown = true;
    const auto fields = split(trimmed(plain.substr(colon + 1)), format.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      moved += i == 0 ? ' ' : ',';
      std::string_view text = fields[i];
      const bool time = format[i] == "start" || format[i] == "end";
      const auto us = time ? take_time(text) : std::nullopt;
      if (us && format[i] == "end" && *us <= origin_us) shown = false;
      moved += us ? ass_time(static_cast<std::uint64_t>(std::max<std::int64_t>(*us - origin_us, 0)))
                  : clean_utf8(fields[i]);
    }
    if (shown) document += moved + '\n';
  }
  return document;
}

}  // namespace carrel::streamer::subtitles
