#include "terminal/style.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "base/unix_time.hpp"

namespace carrel::terminal {
namespace {

constexpr std::size_t kUsualWidth = 80;

std::string_view code_of(Tone tone) {
  switch (tone) {
    case Tone::good: return "32";
    case Tone::busy: return "33";
    case Tone::bad: return "31";
    case Tone::faint: return "2";
    case Tone::strong: return "1";
    case Tone::plain: break;
  }
  return {};
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::size_t width_of_terminal(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view columns = variable("COLUMNS");
  std::size_t width = 0;
  const auto parsed = std::from_chars(columns.data(), columns.data() + columns.size(), width);
  return parsed.ec == std::errc() && width > 0 ? width : kUsualWidth;
}

}  // namespace

std::string painted(std::string_view text, Tone tone, const Style& style) {
  const std::string_view code = code_of(tone);
  if (!style.colour || code.empty() || text.empty()) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

Style style_of(int descriptor) {
  Style style;
  style.now = unix_now();
  if (::isatty(descriptor) != 1) return style;
  style.width = width_of_terminal(descriptor);
  style.colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  return style;
}

}  // namespace carrel::terminal
