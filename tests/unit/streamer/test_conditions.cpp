#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "streamer/protocol/conditions.hpp"

using namespace carrel::protocol;

namespace {
using Ranges = std::vector<ByteRange>;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
}  // namespace

TEST_CASE("ranges as RFC 9110 section 14.1 writes them") {
  CHECK(parse_range("bytes=0-499") == Ranges{{0, 499}});
  CHECK(parse_range("bytes=9500-") == Ranges{{9500, std::nullopt}});
  CHECK(parse_range("bytes=-500") == Ranges{{std::nullopt, 500}});
  CHECK(parse_range("bytes=0-0,-1") == Ranges{{0, 0}, {std::nullopt, 1}});
  CHECK(parse_range("bytes= 0-999, 4500-5499, -1000") ==
        Ranges{{0, 999}, {4500, 5499}, {std::nullopt, 1000}});
  CHECK(parse_range("bytes=,, 1-2 ,\t,3-4,") == Ranges{{1, 2}, {3, 4}});
  CHECK(parse_range("BYTES=1-2") == Ranges{{1, 2}});
  CHECK(parse_range("bytes=5000000000-6000000000") == Ranges{{5'000'000'000, 6'000'000'000}});
  CHECK(parse_range("bytes=1-99999999999999999999999") == Ranges{{1, kMost}});
}

TEST_CASE("ranges that the grammar does not allow") {
  for (const char* header : {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-4",
                             "bytes=1-2,x", "bytes=1-2;3-4", "bytes=1 -2", "bytes=1-2-3", "bytes=--1",
                             "bytes=+1-2", "seconds=1-2", "items=0-5", "=0-5", "bytes=0x1-2"}) {
    CAPTURE(header);
    CHECK(parse_range(header).empty());
  }
}

TEST_CASE("sixteen ranges are taken, seventeen are none") {
  std::string header = "bytes=0-0";
  for (int i = 1; i < 16; ++i) {
    header += "," + std::to_string(i) + "-" + std::to_string(i);
  }
  CHECK(parse_range(header).size() == 16);
  CHECK(parse_range(header + ",99-99").empty());
}

TEST_CASE("the three forms of a date") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == 784111777);
  CHECK(parse_http_date("Wed Nov 16 08:49:37 1994") == 784975777);
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT") == 1709251199);
}

TEST_CASE("dates that are none") {
  for (const char* text :
       {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 30 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "784111777", "Sun, 06 Nov 1994 08:49:3"}) {
    CAPTURE(text);
    CHECK(!parse_http_date(text));
  }
}

TEST_CASE("dates come back as they were written") {
  CHECK(format_http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(format_http_date(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
  for (std::int64_t time = -62'000'000'000; time < 253'000'000'000; time += 123'456'789) {
    REQUIRE(parse_http_date(format_http_date(time)) == time);
  }
  CHECK(format_http_date(std::numeric_limits<std::int64_t>::max()) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(format_http_date(std::numeric_limits<std::int64_t>::min()) == "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST_CASE("entity tags, strong, weak, and in lists with empty elements") {
  ConditionHeaders headers;
  headers.if_match = R"("a", W/"b,c" ,, "")";
  headers.if_none_match = " * ";
  const Conditions got = parse_conditions(headers);
  REQUIRE(got.if_match);
  CHECK(!got.if_match->any);
  CHECK(got.if_match->tags == std::vector<EntityTag>{{"a", false}, {"b,c", true}, {"", false}});
  REQUIRE(got.if_none_match);
  CHECK(got.if_none_match->any);
}

TEST_CASE("tag lists that the grammar does not allow count as not sent") {
  for (const char* header : {"a", "\"a", "a\"", "\"a\" \"b\"", "\"a\"x", "w/\"a\"", "W/ \"a\"", "*, \"a\"",
                             "\"a b\"", "\"a\x7f\"", ",", "\"a\",,x"}) {
    CAPTURE(header);
    ConditionHeaders headers;
    headers.if_none_match = header;
    CHECK(!parse_conditions(headers).if_none_match);
  }
}

TEST_CASE("tag lists are bounded") {
  std::string list;
  for (std::size_t i = 0; i < kMaxEntityTags; ++i) {
    list += "\"" + std::to_string(i) + "\",";
  }
  ConditionHeaders headers;
  headers.if_match = list;
  REQUIRE(parse_conditions(headers).if_match);
  const std::string longer = list + "\"x\"";
  headers.if_match = longer;
  CHECK(!parse_conditions(headers).if_match);
  const std::string tag = "\"" + std::string(kMaxText + 1, 'x') + "\"";
  headers.if_match = tag;
  CHECK(!parse_conditions(headers).if_match);
}

TEST_CASE("If-Range is a tag, a date, or something that never matches") {
  ConditionHeaders headers;
  CHECK(!parse_conditions(headers).if_range);
  headers.if_range = "\"a\"";
  CHECK(std::get<EntityTag>(*parse_conditions(headers).if_range) == EntityTag{"a", false});
  headers.if_range = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(std::get<std::int64_t>(*parse_conditions(headers).if_range) == 784111777);
  headers.if_range = "nonsense";
  CHECK(std::get<EntityTag>(*parse_conditions(headers).if_range).weak);
}

TEST_CASE("dates of conditions, and nonsense that counts as not sent") {
  ConditionHeaders headers;
  headers.if_modified_since = " Sun, 06 Nov 1994 08:49:37 GMT";
  headers.if_unmodified_since = "never";
  const Conditions got = parse_conditions(headers);
  CHECK(got.if_modified_since == 784111777);
  CHECK(!got.if_unmodified_since);
}
