#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streamer/subtitles/payload.hpp"
#include "streamer/subtitles/placement.hpp"
#include "streamer/subtitles/timed_text.hpp"

/// Advanced SubStation Alpha and SubStation Alpha. Texts are valid UTF-8.
namespace carrel::streamer::subtitles {

/// The fields of an event, in whatever order the script's Format line has them.
struct AssEvent {
  std::int64_t layer = 0;
  std::string_view style, name, margin_left, margin_right, margin_vertical, effect;
  std::string_view text;
};

/// A script's head: sizes and styles.
class AssScript {
 public:
  /// `head`: up to the first event, or a whole script, whose events are passed over.
  explicit AssScript(std::string_view head);

  /// As WebVTT: what the style and the override tags say of bold, italic, underlined and of the place;
  /// without drawings and comments. Only text and settings are set, and the layer.
  [[nodiscard]] TimedText convert(const AssEvent& event) const;

 private:
  struct Style {
    Look look;
    int keypad = 2;
  };
  void read_style(std::string_view values, bool old_alignment);

  std::vector<std::string> format_;  ///< names of a style's fields, lower case
  std::map<std::string, Style, std::less<>> styles_;
  double width_ = 0, height_ = 0;  ///< of the script's own coordinates
};

/// "ReadOrder,Layer,Style,…" of Matroska and libavformat. Empty: it has too few fields.
struct MatroskaEvent {
  std::int64_t order = 0;
  AssEvent event;
};
[[nodiscard]] std::optional<MatroskaEvent> parse_matroska_event(std::string_view block);

/// A whole file.
[[nodiscard]] std::vector<TimedText> parse_ass(std::string_view file);

}  // namespace carrel::streamer::subtitles
