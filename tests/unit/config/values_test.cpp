#include "orchestrator/config/values.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace carrel::config;
using std::chrono::seconds;

namespace {
constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();
constexpr seconds year{365 * 86400};
}  // namespace

TEST_CASE("sizes") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
  };
  for (const auto& row :
       {Row{"512m", 512ULL << 20}, Row{"1g", 1ULL << 30}, Row{"1G", 1ULL << 30}, Row{"64KiB", 65536},
        Row{"2kb", 2048}, Row{"16384", 16384}, Row{"7b", 7}, Row{"0", 0}, Row{"1t", 1ULL << 40}}) {
    CAPTURE(row.text);
    CHECK(parse_size(row.text, 0, no_limit).value() == row.bytes);
  }
  for (const char* wrong : {"", "m", "1x", "-1", "1.5g", " 1g", "1g ", "1 g", "0x10", "99999999999g",
                            "18446744073709551616", "1gg", "b", "ib"}) {
    CAPTURE(wrong);
    CHECK(parse_size(wrong, 0, no_limit).has_error());
  }
  CHECK(parse_size("1g", 0, 1 << 20).has_error());
  CHECK(parse_size("1", 2, 3).error().message == "\"1\" is not a size from 2 to 3, such as 512m or 1g");
}

TEST_CASE("durations") {
  CHECK(parse_duration("90s", seconds(0), year).value() == seconds(90));
  CHECK(parse_duration("15m", seconds(0), year).value() == seconds(900));
  CHECK(parse_duration("12h", seconds(0), year).value() == seconds(43200));
  CHECK(parse_duration("14d", seconds(0), year).value() == seconds(1209600));
  CHECK(parse_duration("7", seconds(0), year).value() == seconds(7));
  for (const char* wrong :
       {"", "s", "1w", "-1s", "1.5h", "1h30m", "99999999999999999999s", "366d", "9223372036854775808"}) {
    CAPTURE(wrong);
    CHECK(parse_duration(wrong, seconds(0), year).has_error());
  }
}

TEST_CASE("what is printed is what can be read") {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1024ULL, 1536ULL, 512ULL << 20, 3ULL << 40}) {
    CHECK(parse_size(format_size(bytes), 0, no_limit).value() == bytes);
  }
  CHECK(format_size(512ULL << 20) == "512m");
  for (const int count : {0, 1, 59, 60, 90, 3600, 86400, 129600}) {
    CHECK(parse_duration(format_duration(seconds(count)), seconds(0), year).value() == seconds(count));
  }
  CHECK(format_duration(seconds(129600)) == "36h");
}

TEST_CASE("numbers") {
  CHECK(parse_count("42", 1, 50).value() == 42);
  for (const char* wrong : {"", "+1", "1.0", "0", "51", "4 2", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK(parse_count(wrong, 1, 50).has_error());
  }
  CHECK(parse_fraction("0.5", 0.01, 8).value() == 0.5);
  CHECK(parse_fraction("2", 0.01, 8).value() == 2.0);
  for (const char* wrong : {"", "0", "-1", "nan", "inf", "9", "half", "1,5", "0.5x"}) {
    CAPTURE(wrong);
    CHECK(parse_fraction(wrong, 0.01, 8).has_error());
  }
}

TEST_CASE("listen addresses") {
  CHECK(parse_listen("127.0.0.1:8080").value().address == "127.0.0.1");
  CHECK(parse_listen("127.0.0.1:8080").value().port == 8080);
  CHECK(parse_listen("[::1]:0").value().address == "::1");
  CHECK(parse_listen("0.0.0.0:65535").value().port == 65535);
  for (const char* wrong :
       {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:8080", "[127.0.0.1]:80",
        "[::1:80", "[]:80", "localhost:8080", "1.2.3:80", "1.2.3.4:-1", "1.2.3.4:80 "}) {
    CAPTURE(wrong);
    CHECK(parse_listen(wrong).has_error());
  }
  CHECK(parse_listen(std::string_view("1.2.3.4\0x:80", 12)).has_error());
}

TEST_CASE("a socket is where it is wanted, or is not") {
  CHECK(listens_as_wanted("127.0.0.1:8080", "127.0.0.1:8080"));
  CHECK(listens_as_wanted("127.0.0.1:8080", "127.0.0.1:0"));
  CHECK(listens_as_wanted("[::1]:80", "[0:0::1]:80"));
  CHECK(listens_as_wanted("[::]:443", "0.0.0.0:443"));
  CHECK(listens_as_wanted("", "127.0.0.1:8080"));
  CHECK_FALSE(listens_as_wanted("127.0.0.1:8080", "127.0.0.1:443"));
  CHECK_FALSE(listens_as_wanted("0.0.0.0:8080", "127.0.0.1:8080"));
  CHECK_FALSE(listens_as_wanted("127.0.0.1:8080", "0.0.0.0:8080"));
  CHECK_FALSE(listens_as_wanted("[::]:80", "[::1]:80"));
}

TEST_CASE("quoted text cannot flood or forge a message") {
  CHECK(quote("a\nb\x1b") == "\"a?b?\"");
  CHECK(quote(std::string(1000, 'x')).size() < 100);
}
