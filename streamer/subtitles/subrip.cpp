#include "streamer/subtitles/subrip.hpp"

#include <algorithm>
#include <optional>

#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/payload.hpp"
#include "streamer/subtitles/placement.hpp"
#include "streamer/subtitles/timestamp.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kLongestTag = 200;

/// What one subtitle's tags have switched on so far.
class SubripText {
 public:
  void add(std::string_view text) {
    while (!text.empty()) {
      const auto mark = text.find_first_of("<{");
      payload_.text(text.substr(0, mark));
      if (mark == std::string_view::npos) return;
      text.remove_prefix(mark);
      const std::size_t taken = text.front() == '<' ? take_tag(text) : take_override(text);
      if (taken == 0) payload_.text(text.substr(0, 1));
      text.remove_prefix(std::max<std::size_t>(taken, 1));
    }
  }

  std::pair<std::string, std::string> finish() {
    std::string text = payload_.finish();
    const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    return {std::move(text), settings_of(placement_, lines)};
  }

 private:
  /// Bytes of the tag at the front; 0: it is text.
  std::size_t take_tag(std::string_view text) {
    const auto end = text.substr(0, kLongestTag).find_first_of(">\n", 1);
    if (end == std::string_view::npos || text[end] != '>') return 0;
    std::string_view inside = trimmed(text.substr(1, end - 1));
    const bool closes = inside.starts_with('/');
    if (closes) inside.remove_prefix(1);
    const std::string name = lower(inside.substr(0, inside.find_first_of(" \t/=")));
    if (name == "br") {
      payload_.line();
    } else if (name == "font") {
      set_font(closes, inside);
    } else if (!set_style(name, !closes)) {
      return 0;
    }
    return end + 1;
  }

  bool set_style(std::string_view name, bool on) {
    Look look = payload_.look();
    if (name == "b" || name == "strong") {
      look.bold = on;
    } else if (name == "i" || name == "em") {
      look.italic = on;
    } else if (name == "u") {
      look.underline = on;
    } else if (name != "s" && name != "span" && name != "p" && name != "div" && name != "c") {
      return false;
    }
    payload_.look(look);
    return true;
  }

  void set_font(bool closes, std::string_view inside) {
    Look look = payload_.look();
    if (closes) {
      if (!inks_.empty()) {
        look.ink = inks_.back();
        inks_.pop_back();
      }
    } else {
      if (inks_.size() < 16) inks_.push_back(look.ink);
      const std::string attributes = lower(inside);
      const auto colour = attributes.find("color=");
      if (colour != std::string::npos) {
        std::string_view value = std::string_view(attributes).substr(colour + 6);
        if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
          const char quote = value.front();
          value.remove_prefix(1);
          value = value.substr(0, value.find(quote));
        } else {
          value = value.substr(0, value.find_first_of(" \t"));
        }
        look.ink = ink_of(value);
      }
    }
    payload_.look(look);
  }

  /// {\an8}, {\i1} of ASS, {i} and {/i}; other overrides show nothing.
  std::size_t take_override(std::string_view text) {
    const auto end = text.substr(0, kLongestTag).find('}');
    if (end == std::string_view::npos) return 0;
    const std::string_view inside = text.substr(1, end - 1);
    if (inside.starts_with('\\')) {
      const auto at = inside.find("\\an");
      if (at != std::string_view::npos && at + 3 < inside.size() && inside[at + 3] >= '1' &&
          inside[at + 3] <= '9')
        placement_.keypad = inside[at + 3] - '0';
      if (inside.size() == 3 && (inside[2] == '0' || inside[2] == '1'))
        static_cast<void>(set_style(lower(inside.substr(1, 1)), inside[2] == '1'));
      return end + 1;
    }
    const bool closes = inside.starts_with('/');
    const std::string name = lower(inside.substr(closes ? 1 : 0));
    if (name != "b" && name != "i" && name != "u") return 0;
    static_cast<void>(set_style(name, !closes));
    return end + 1;
  }

  Payload payload_;
  Placement placement_;
  std::vector<std::string_view> inks_;  ///< around the one that is on
};

}  // namespace

std::pair<std::string, std::string> subrip_payload(std::string_view text) {
  SubripText subtitle;
  subtitle.add(text);
  return subtitle.finish();
}

std::vector<TimedText> parse_subrip(std::string_view file) {
  std::vector<TimedText> cues;
  const auto lines = lines_of(file);
  std::optional<Span> span;
  std::size_t first = 0;  // of the text
  const auto end_cue = [&](std::size_t end) {
    if (!span) return;
    std::string text;
    for (std::size_t i = first; i < end && text.size() <= kMaxCueText; ++i) {
      text += lines[i].substr(0, kMaxCueText);
      text += '\n';
    }
    auto [payload, settings] = subrip_payload(text);
    cues.push_back({span->start_us, span->end_us, std::move(payload), std::move(settings), 0});
  };
  for (std::size_t i = 0; i < lines.size() && cues.size() < kMaxCues; ++i) {
    std::string_view rest = lines[i];
    const auto found = rest.find("-->") == std::string_view::npos ? std::nullopt : take_span(rest);
    if (!found) continue;
    // The number belongs to what follows it.
    const bool numbered = i > first && is_digits(trimmed(lines[i - 1]));
    end_cue(numbered ? i - 1 : i);
    span = found;
    first = i + 1;
  }
  end_cue(lines.size());
  return cues;
}

}  // namespace carrel::streamer::subtitles
