#include "streamer/subtitles/ass.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/timestamp.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kMostStyles = 4096;
constexpr std::size_t kMostFields = 32;

/// SSA's alignment: 1 to 3 below, with 4 added above, with 8 in the middle.
int keypad_of_old(std::int64_t alignment) {
  const std::int64_t column = std::clamp<std::int64_t>(alignment & 3, 1, 3);
  const std::int64_t row = (alignment & 4) != 0 ? 2 : (alignment & 8) != 0 ? 1 : 0;
  return static_cast<int>(row * 3 + column);
}

std::vector<std::string> names_of(std::string_view format) {
  std::vector<std::string> names;
  for (const std::string_view name : split(format, kMostFields)) names.push_back(lower(trimmed(name)));
  return names;
}

/// "Key: value" → value; empty where the line is another.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  if (line.size() <= key.size() || line[key.size()] != ':') return std::nullopt;
  if (lower(line.substr(0, key.size())) != key) return std::nullopt;
  return trimmed(line.substr(key.size() + 1));
}

double decimal(std::string_view text) {
  const std::string terminated(trimmed(text.substr(0, 32)));
  const double value = std::strtod(terminated.c_str(), nullptr);
  return value > -1e9 && value < 1e9 ? value : 0;
}

std::string_view ink_of_bgr(std::uint32_t bgr) {
  return ink_of((bgr & 0xffU) << 16 | (bgr & 0xff00U) | (bgr >> 16 & 0xffU));
}

/// "&H00FFFF&": blue, green and red, in front of which may be how transparent it is.
std::optional<std::uint32_t> hex_colour(std::string_view text) {
  text = trimmed(text);
  while (!text.empty() && (text.front() == '&' || text.front() == 'H' || text.front() == 'h'))
    text.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// Of a style; SSA has plain numbers.
std::string_view ink_of_style(std::string_view value) {
  if (value.starts_with('&')) return ink_of_bgr(hex_colour(value).value_or(0));
  return ink_of_bgr(static_cast<std::uint32_t>(leading_number(value).value_or(0)));
}

/// Walks through an event's text and its override blocks.
class AssText {
 public:
  AssText(const Look& look, int keypad, double width, double height)
      : style_(look), width_(width), height_(height) {
    payload_.look(look);
    placement_.keypad = keypad;
  }

  void add(std::string_view text) {
    while (!text.empty()) {
      const auto mark = text.find_first_of("{\\");
      show(text.substr(0, mark));
      if (mark == std::string_view::npos) return;
      text.remove_prefix(mark);
      const std::size_t taken = text.front() == '{' ? take_block(text) : take_escape(text);
      text.remove_prefix(taken);
    }
  }

  void finish(TimedText& cue) {
    cue.text = payload_.finish();
    const auto lines = static_cast<int>(std::count(cue.text.begin(), cue.text.end(), '\n')) + 1;
    cue.settings = settings_of(placement_, lines);
  }

 private:
  void show(std::string_view text) {
    if (!drawing_) payload_.text(text);
  }

  std::size_t take_escape(std::string_view text) {
    const char next = text.size() > 1 ? text[1] : '\0';
    if (next == 'N') {
      payload_.line();
    } else if (next == 'n') {
      show(" ");
    } else if (next == 'h') {
      show("\u00a0");
    } else {
      show(text.substr(0, 1));
      return 1;
    }
    return 2;
  }

  std::size_t take_block(std::string_view text) {
    const auto end = text.find('}');
    if (end == std::string_view::npos) {
      show(text.substr(0, 1));
      return 1;
    }
    std::string_view tags = text.substr(1, end - 1);
    while (true) {
      const auto slash = tags.find('\\');
      if (slash == std::string_view::npos) break;
      tags.remove_prefix(slash + 1);
      apply(tags.substr(0, tags.find('\\')));
    }
    return end + 1;
  }

  void apply(std::string_view tag) {
    Look look = payload_.look();
    if (tag.starts_with("pos") || tag.starts_with("move")) return place(tag);
    if (tag.starts_with("an")) {
      const auto keypad = leading_number(tag.substr(2));
      if (keypad && *keypad >= 1 && *keypad <= 9) placement_.keypad = static_cast<int>(*keypad);
      return;
    }
    if (tag.starts_with("1c")) tag.remove_prefix(1);
    if (tag.empty()) return;
    const auto number = leading_number(tag.substr(1));
    const bool alone = trimmed(tag).size() == 1;  // back to the style's
    switch (tag.front()) {
      case 'b':
        if (number || alone) look.bold = alone ? style_.bold : *number == 1 || *number >= 600;
        break;
      case 'i':
        if (number || alone) look.italic = alone ? style_.italic : *number != 0;
        break;
      case 'u':
        if (number || alone) look.underline = alone ? style_.underline : *number != 0;
        break;
      case 'a':
        if (number) placement_.keypad = keypad_of_old(*number);
        break;
      case 'p':
        if (number) drawing_ = *number > 0;
        break;
      case 'c':
        if (const auto colour = hex_colour(tag.substr(1)); colour || alone)
          look.ink = alone ? style_.ink : ink_of_bgr(*colour);
        break;
      case 'r': look = style_; break;
      default: break;
    }
    payload_.look(look);
  }

  void place(std::string_view tag) {
    const auto open = tag.find('(');
    const auto comma = tag.find(',');
    if (open == std::string_view::npos || comma == std::string_view::npos || comma < open) return;
    if (width_ <= 0 || height_ <= 0) return;
    placement_.point = {decimal(tag.substr(open + 1, comma - open - 1)) * 100 / width_,
                        decimal(tag.substr(comma + 1)) * 100 / height_};
  }

  Payload payload_;
  Placement placement_;
  Look style_;
  double width_, height_;
  bool drawing_ = false;
};

/// An event's fields by the names of the Format line.
AssEvent event_of(const std::vector<std::string>& format, std::string_view values, std::string_view& start,
                  std::string_view& end) {
  AssEvent event;
  const auto fields = split(values, format.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = format[i];
    const std::string_view value = name == "text" ? fields[i] : trimmed(fields[i]);
    if (name == "layer") event.layer = leading_number(value).value_or(0);
    if (name == "start") start = value;
    if (name == "end") end = value;
    if (name == "style") event.style = value;
    if (name == "name" || name == "actor") event.name = value;
    if (name == "text") event.text = value;
  }
  return event;
}

}  // namespace

AssScript::AssScript(std::string_view head) {
  bool old_alignment = false;
  bool in_styles = false;
  for (const std::string_view raw : lines_of(head)) {
    const std::string_view line = trimmed(raw);
    if (line.starts_with('[')) {
      const std::string section = lower(line);
      in_styles = section.starts_with("[v4");
      old_alignment = section.starts_with("[v4 ");
    } else if (in_styles) {
      if (const auto names = value_of(line, "format")) format_ = names_of(*names);
      if (const auto values = value_of(line, "style")) read_style(*values, old_alignment);
    } else {
      if (const auto value = value_of(line, "playresx")) width_ = decimal(*value);
      if (const auto value = value_of(line, "playresy")) height_ = decimal(*value);
    }
  }
  // As its renderers take it: one of the two is enough, and none is 384 by 288.
  if (width_ <= 0 && height_ <= 0) {
    width_ = 384;
    height_ = 288;
  } else if (width_ <= 0) {
    width_ = height_ == 1024 ? 1280 : height_ * 4 / 3;
  } else if (height_ <= 0) {
    height_ = width_ == 1280 ? 1024 : width_ * 3 / 4;
  }
}

void AssScript::read_style(std::string_view values, bool old_alignment) {
  if (format_.empty() || styles_.size() == kMostStyles) return;
  Style style;
  std::string_view name;
  const auto fields = split(values, format_.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view value = trimmed(fields[i]);
    const std::int64_t number = leading_number(value).value_or(0);
    if (format_[i] == "name") name = value;
    if (format_[i] == "bold") style.look.bold = number != 0;
    if (format_[i] == "italic") style.look.italic = number != 0;
    if (format_[i] == "underline") style.look.underline = number != 0;
    if (format_[i] == "primarycolour") style.look.ink = ink_of_style(value);
    if (format_[i] != "alignment") continue;
    if (old_alignment) style.keypad = keypad_of_old(number);
    if (!old_alignment && number >= 1 && number <= 9) style.keypad = static_cast<int>(number);
  }
  if (name.starts_with('*')) name.remove_prefix(1);
  styles_.insert_or_assign(std::string(name), style);
}

TimedText AssScript::convert(const AssEvent& event) const {
  std::string_view name = trimmed(event.style);
  if (name.starts_with('*')) name.remove_prefix(1);
  auto found = styles_.find(name);
  if (found == styles_.end()) found = styles_.find(std::string_view("Default"));
  const Style style = found == styles_.end() ? Style{} : found->second;
  AssText text(style.look, style.keypad, width_, height_);
  // Longer than any text that is read; a drawing may be.
  constexpr std::size_t most = 16 * kMaxCueText;
  text.add(event.text.substr(0, most));
  TimedText cue;
  cue.layer = event.layer;
  text.finish(cue);
  return cue;
}

std::optional<MatroskaEvent> parse_matroska_event(std::string_view block) {
  const auto fields = split(block, 9);
  if (fields.size() < 9) return std::nullopt;
  MatroskaEvent found;
  found.order = leading_number(fields[0]).value_or(0);
  found.event.layer = leading_number(fields[1]).value_or(0);
  found.event.style = fields[2];
  found.event.name = fields[3];
  found.event.margin_left = fields[4];
  found.event.margin_right = fields[5];
  found.event.margin_vertical = fields[6];
  found.event.effect = fields[7];
  found.event.text = fields[8];
  while (!found.event.text.empty() && (found.event.text.back() == '\n' || found.event.text.back() == '\r'))
    found.event.text.remove_suffix(1);
  return found;
}

std::vector<TimedText> parse_ass(std::string_view file) {
  const AssScript script(file);
  std::vector<TimedText> cues;
  std::vector<std::string> format =
      names_of("Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text");
  bool in_events = false;
  for (const std::string_view raw : lines_of(file)) {
    const std::string_view line = trimmed(raw);
    if (line.starts_with('[')) in_events = lower(line).starts_with("[events]");
    if (!in_events) continue;
    if (const auto names = value_of(line, "format")) format = names_of(*names);
    const auto values = value_of(line, "dialogue");
    if (!values) continue;
    std::string_view start, end;
    const AssEvent event = event_of(format, *values, start, end);
    const auto start_us = take_time(start);
    const auto end_us = take_time(end);
    if (!start_us || !end_us) continue;
    TimedText cue = script.convert(event);
    cue.start_us = *start_us;
    cue.end_us = *end_us;
    cues.push_back(std::move(cue));
    if (cues.size() == kMaxCues) break;
  }
  return cues;
}

}  // namespace carrel::streamer::subtitles
