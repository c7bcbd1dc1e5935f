#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::streamer::subtitles {

inline constexpr std::size_t kMaxCueText = 16 * 1024;  ///< bytes of one cue; the rest is cut off

/// How text looks, as far as WebVTT can say it without a style sheet.
struct Look {
  bool bold = false, italic = false, underline = false;
  std::string_view ink{};  ///< a class of WebVTT section 5.1, "yellow"; static text
  bool operator==(const Look&) const = default;
};

/// Builds the payload of one WebVTT cue: text escaped, tags nested as they must be, no blank line, no blanks
/// around lines, bounded.
class Payload {
 public:
  /// Holds for what is added from now on.
  void look(const Look& wanted) { wanted_ = wanted; }
  [[nodiscard]] const Look& look() const { return wanted_; }

  /// Valid UTF-8, taken as it is: markup is escaped. Line ends begin a line.
  void text(std::string_view plain);
  void line() { line_wanted_ = true; }

  /// Empty: the cue shows nothing. The payload is spent.
  [[nodiscard]] std::string finish();

 private:
  void close_all();
  void begin_text();

  std::string out_;
  std::string blanks_;
  std::string closing_;  ///< of the tags that are open, innermost first
  Look wanted_, open_;
  bool line_wanted_ = false;
};

/// The WebVTT class of a colour as HTML has it ("#ffff00", "yellow"); empty where none is the same.
[[nodiscard]] std::string_view ink_of(std::string_view colour);
/// Of a colour 0xRRGGBB that every text has, wanted or not: none where it is white, as it is without, or
/// black, which is not seen on what players put behind it.
[[nodiscard]] std::string_view ink_of(std::uint32_t rgb);

}  // namespace carrel::streamer::subtitles
