#include "streamer/subtitles/timestamp.hpp"

#include <cstdio>

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kMostDigits = 7;  // of hours: beyond any film

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void skip_blanks(std::string_view& text) {
  const auto first = text.find_first_not_of(" \t");
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < kMostDigits && is_digit(text[digits]))
    value = value * 10 + (text[digits++] - '0');
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

/// "456" or "4" behind the seconds, as a decimal fraction.
std::int64_t take_fraction(std::string_view& text) {
  std::int64_t unit = 1'000'000;
  std::int64_t value = 0;
  while (!text.empty() && is_digit(text.front())) {
    unit /= 10;
    value += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

bool separates(std::string_view text, std::string_view marks) {
  return text.size() >= 2 && marks.find(text[0]) != std::string_view::npos && is_digit(text[1]);
}

std::string clock(std::uint64_t units, unsigned per_second, const char* format) {
  const std::uint64_t seconds = units / per_second;
  char text[64];
  const int length =
      std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(seconds / 3600),
                    static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60),
                    static_cast<unsigned>(units % per_second));
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

std::optional<std::int64_t> take_time(std::string_view& text) {
  std::string_view rest = text;
  skip_blanks(rest);
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const auto first = take_number(rest);
  if (!first || !separates(rest, ":")) return std::nullopt;
  rest.remove_prefix(1);
  std::int64_t minutes = *first;
  std::int64_t seconds = *take_number(rest);
  if (separates(rest, ":")) {
    std::string_view further = rest.substr(1);
    const std::int64_t third = *take_number(further);
    // "01:02:345": three digits are no seconds, but a fraction behind the wrong mark.
    if (rest.size() - further.size() <= 3) {
      minutes = minutes * 60 + seconds;
      seconds = third;
      rest = further;
    }
  }
  std::int64_t us = (minutes * 60 + seconds) * 1'000'000;
  if (separates(rest, ",.:")) {
    rest.remove_prefix(1);
    us += take_fraction(rest);
  }
  text = rest;
  return negative ? -us : us;
}

std::optional<Span> take_span(std::string_view& line) {
  std::string_view rest = line;
  const auto start = take_time(rest);
  if (!start) return std::nullopt;
  skip_blanks(rest);
  std::size_t dashes = 0;
  while (dashes < rest.size() && rest[dashes] == '-') ++dashes;
  if (dashes == 0 || dashes == rest.size() || rest[dashes] != '>') return std::nullopt;
  rest.remove_prefix(dashes + 1);
  const auto end = take_time(rest);
  if (!end) return std::nullopt;
  line = rest;
  return Span{*start, *end};
}

std::string vtt_time(std::uint64_t us) {
  return clock((us + 500) / 1000, 1000, "%02llu:%02u:%02u.%03u");
}

std::string ass_time(std::uint64_t us) {
  return clock((us + 5000) / 10'000, 100, "%llu:%02u:%02u.%02u");
}

std::string idx_time(std::uint64_t us) {
  return clock((us + 500) / 1000, 1000, "%02llu:%02u:%02u:%03u");
}

}  // namespace carrel::streamer::subtitles
