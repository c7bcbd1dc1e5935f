#include <doctest/doctest.h>

#include "orchestrator/http/tls/record_marks.hpp"

using carrel::http::tls::RecordMarks;

TEST_CASE("what went out before the first record stands for nothing") {
  RecordMarks marks;
  CHECK(marks.acknowledged(0) == 0);
  CHECK(marks.acknowledged(900) == 0);
}

TEST_CASE("a record that was acknowledged whole counts whole, one in part in part") {
  RecordMarks marks;
  CHECK(marks.acknowledged(1000) == 0);  // a handshake
  marks.add(2022, 1000);
  marks.add(3044, 2000);
  CHECK(marks.acknowledged(1500) == 1000);  // at most what the first record holds
  CHECK(marks.acknowledged(2022) == 1000);
  CHECK(marks.acknowledged(2522) == 1500);
  CHECK(marks.acknowledged(3043) == 2000);
  CHECK(marks.acknowledged(3044) == 2000);
  CHECK(marks.size() == 0);
}

TEST_CASE("it never goes back") {
  RecordMarks marks;
  marks.add(1022, 1000);
  CHECK(marks.acknowledged(1022) == 1000);
  CHECK(marks.acknowledged(500) == 1000);
}

TEST_CASE("the acknowledgement of an end counts for nothing") {
  RecordMarks marks;
  marks.add(1022, 1000);
  CHECK(marks.acknowledged(1023) == 1000);
}

TEST_CASE("however many small records wait, few marks are kept and the sum is right") {
  RecordMarks marks;
  for (std::uint64_t record = 1; record <= 100'000; ++record) marks.add(record * 23, record);
  CHECK(marks.size() <= 256);
  CHECK(marks.acknowledged(23 * 100) == 100);
  CHECK(marks.acknowledged(23 * 99'999) <= 100'000);
  CHECK(marks.acknowledged(23 * 100'000) == 100'000);
}
