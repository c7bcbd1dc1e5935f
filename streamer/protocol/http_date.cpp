#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "streamer/protocol/conditions.hpp"

namespace carrel::protocol {
namespace {

// The written forms have four digits for the year.
constexpr std::int64_t kFirst = -62167219200;  // 0000-01-01T00:00:00
constexpr std::int64_t kLast = 253402300799;   // 9999-12-31T23:59:59

using Names = std::array<std::string_view, 12>;
constexpr Names kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

/// Consumes a date from the left; the first mismatch makes everything after it fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    ok_ = ok_ && rest_.starts_with(expected);
    advance(expected.size());
  }
  template <std::size_t N>
  unsigned one_of(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N && ok_; ++i) {
      if (rest_.starts_with(names[i])) {
        advance(names[i].size());
        return static_cast<unsigned>(i);
      }
    }
    ok_ = false;
    return 0;
  }
  int digits(std::size_t width) {
    const std::string_view field = rest_.substr(0, width);
    int value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    ok_ = ok_ && field.size() == width && error == std::errc() && end == field.data() + field.size() &&
          field.front() != '-';
    advance(width);
    return value;
  }
  /// asctime's day: two digits or a space and one.
  int padded_day() {
    if (rest_.starts_with(' ')) {
      advance(1);
      return digits(1);
    }
    return digits(2);
  }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  void advance(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

  std::string_view rest_;
  bool ok_ = true;
};

struct Parts {
  int year = 0;
  unsigned month = 0;  // from 0
  int day = 0, hour = 0, minute = 0, second = 0;
};

void time_of_day(Scanner& scanner, Parts& parts) {
  parts.hour = scanner.digits(2);
  scanner.literal(":");
  parts.minute = scanner.digits(2);
  scanner.literal(":");
  parts.second = scanner.digits(2);
}

std::optional<Parts> imf_fixdate(std::string_view text) {
  Scanner scanner(text);
  Parts parts;
  scanner.one_of(kDays);
  scanner.literal(", ");
  parts.day = scanner.digits(2);
  scanner.literal(" ");
  parts.month = scanner.one_of(kMonths);
  scanner.literal(" ");
  parts.year = scanner.digits(4);
  scanner.literal(" ");
  time_of_day(scanner, parts);
  scanner.literal(" GMT");
  return scanner.done() ? std::optional(parts) : std::nullopt;
}

/// RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead is the most recent past one.
int full_year(int two_digits) {
  using namespace std::chrono;
  const int now = static_cast<int>(year_month_day(floor<days>(system_clock::now())).year());
  const int candidate = now - now % 100 + two_digits;
  return candidate > now + 50 ? candidate - 100 : candidate;
}

std::optional<Parts> rfc850_date(std::string_view text) {
  Scanner scanner(text);
  Parts parts;
  scanner.one_of(kLongDays);
  scanner.literal(", ");
  parts.day = scanner.digits(2);
  scanner.literal("-");
  parts.month = scanner.one_of(kMonths);
  scanner.literal("-");
  parts.year = full_year(scanner.digits(2));
  scanner.literal(" ");
  time_of_day(scanner, parts);
  scanner.literal(" GMT");
  return scanner.done() ? std::optional(parts) : std::nullopt;
}

std::optional<Parts> asctime_date(std::string_view text) {
  Scanner scanner(text);
  Parts parts;
  scanner.one_of(kDays);
  scanner.literal(" ");
  parts.month = scanner.one_of(kMonths);
  scanner.literal(" ");
  parts.day = scanner.padded_day();
  scanner.literal(" ");
  time_of_day(scanner, parts);
  scanner.literal(" ");
  parts.year = scanner.digits(4);
  return scanner.done() ? std::optional(parts) : std::nullopt;
}

std::optional<std::int64_t> to_seconds(const Parts& parts) {
  using namespace std::chrono;
  const year_month_day date{year(parts.year), month(parts.month + 1), day(static_cast<unsigned>(parts.day))};
  // 60 is a leap second, which the grammar allows.
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) {
    return std::nullopt;
  }
  const std::int64_t midnight = sys_days(date).time_since_epoch() / seconds(1);
  return std::min(midnight + parts.hour * 3600 + parts.minute * 60 + parts.second, kLast);
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  for (const auto form : {imf_fixdate, rfc850_date, asctime_date}) {
    if (const std::optional<Parts> parts = form(text)) {
      return to_seconds(*parts);
    }
  }
  return std::nullopt;
}

std::string format_http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds time{seconds(std::clamp(unix_seconds, kFirst, kLast))};
  const sys_days date = floor<days>(time);
  const year_month_day calendar(date);
  const hh_mm_ss clock(time - date);
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                    kDays[weekday(date).c_encoding()].data(), static_cast<unsigned>(calendar.day()),
                    kMonths[static_cast<unsigned>(calendar.month()) - 1].data(),
                    static_cast<int>(calendar.year()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace carrel::protocol
