#include "streamer/subtitles/payload.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "streamer/subtitles/lines.hpp"

namespace carrel::streamer::subtitles {
namespace {

using Ink = std::pair<std::string_view, std::string_view>;

constexpr std::array kInks{Ink{"#ffffff", "white"}, Ink{"#00ff00", "lime"},   Ink{"#00ffff", "cyan"},
                           Ink{"#ff0000", "red"},   Ink{"#ffff00", "yellow"}, Ink{"#ff00ff", "magenta"},
                           Ink{"#0000ff", "blue"},  Ink{"#000000", "black"}};

}  // namespace

std::string_view ink_of(std::string_view colour) {
  const std::string wanted = lower(trimmed(colour));
  for (const auto& [code, name] : kInks)
    if (wanted == name || wanted == code || "#" + wanted == code) return name;
  return {};
}

std::string_view ink_of(std::uint32_t rgb) {
  constexpr std::uint32_t white = 0xffffff, black = 0;
  if (rgb == white || rgb == black) return {};
  std::array<char, 16> code{};
  std::snprintf(code.data(), code.size(), "#%06x", rgb);
  return ink_of(std::string_view(code.data()));
}

void Payload::close_all() {
  out_ += closing_;
  closing_.clear();
  open_ = {};
}

void Payload::begin_text() {
  // Tags end before the blanks and the line's end, and begin after them.
  const bool changes = !(open_ == wanted_);
  if (changes) close_all();
  if (line_wanted_ && !out_.empty()) {
    out_ += '\n';
    blanks_.clear();
  }
  line_wanted_ = false;
  if (!out_.empty() && out_.back() != '\n') out_ += blanks_;
  blanks_.clear();
  if (!changes) return;
  const auto open = [&](const std::string& tag, const std::string& name) {
    out_ += "<" + tag + ">";
    closing_.insert(0, "</" + name + ">");
  };
  if (!wanted_.ink.empty()) open("c." + std::string(wanted_.ink), "c");
  if (wanted_.bold) open("b", "b");
  if (wanted_.italic) open("i", "i");
  if (wanted_.underline) open("u", "u");
  open_ = wanted_;
}

void Payload::text(std::string_view plain) {
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == '\n' || c == '\r') {
      line();
    } else if (c == ' ' || c == '\t') {
      if (blanks_.size() < kMaxCueText) blanks_ += ' ';
    } else if (c != '\0') {
      const bool starts = (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
      if (starts && out_.size() + blanks_.size() > kMaxCueText) return;
      if (starts) begin_text();
      if (c == '&') {
        out_ += "&amp;";
      } else if (c == '<') {
        out_ += "&lt;";
      } else if (c == '>') {
        out_ += "&gt;";
      } else {
        out_ += c;
      }
    }
  }
}

std::string Payload::finish() {
  close_all();
  blanks_.clear();
  line_wanted_ = false;
  return std::exchange(out_, {});
}

}  // namespace carrel::streamer::subtitles
