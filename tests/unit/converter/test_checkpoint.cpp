#include <doctest/doctest.h>

#include <span>

#include "converter/plan/checkpoint.hpp"

using namespace carrel::converter;

namespace {

const CheckpointHead kHead{1000, -5, 77, 1280, 720, 2'000'000, 9};
const CheckpointSegment kFirst{30, {{10, 0}, {20, 40}}};
const CheckpointSegment kSecond{35, {{5, 80}}};

std::optional<Checkpoint> read(const std::string& bytes) {
  return read_checkpoint(std::as_bytes(std::span(bytes)));
}

FramePlan plan() {
  FramePlan made;
  made.times = {0, 40, 80};
  made.segments = {{0, 0, 2, false}, {2, 2, 1, false}};
  made.end = 120;
  return made;
}

std::string whole() {
  return write_head(kHead) + write_segment(0, kFirst) + write_segment(1, kSecond);
}

}  // namespace

TEST_CASE("what was written is read") {
  const std::string bytes = whole();
  const auto found = read(bytes);
  REQUIRE(found);
  CHECK(found->head == kHead);
  CHECK(found->bytes == bytes.size());
  REQUIRE(found->segments.size() == 2);
  CHECK(found->segments[0].frames == kFirst.frames);
  CHECK(found->segments[1].media_end == 35);
}

TEST_CASE("wherever it is torn, what is whole before that is used") {
  const std::string bytes = whole();
  const std::size_t head = write_head(kHead).size();
  const std::size_t first = head + write_segment(0, kFirst).size();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto found = read(bytes.substr(0, length));
    REQUIRE(found.has_value() == (length >= head));
    if (!found) continue;
    CHECK(found->segments.size() == (length >= first ? 1 : 0));
    CHECK(found->bytes == (length >= first ? first : head));
  }
}

TEST_CASE("a changed byte ends what is believed") {
  const std::string bytes = whole();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    const auto found = read(damaged);
    CHECK((!found || found->segments.size() < 2));
  }
}

TEST_CASE("records out of order, or whose bytes do not add up, are not believed") {
  CHECK(read(write_head(kHead) + write_segment(1, kSecond))->segments.empty());
  CHECK(read(write_head(kHead) + write_segment(0, kFirst) + write_segment(1, kFirst))->segments.size() == 1);
}

TEST_CASE("only what fits the plan and is in the media is gone on with") {
  auto checkpoint = *read(whole());
  keep_usable(checkpoint, plan(), 35);
  CHECK(checkpoint.segments.size() == 2);
  CHECK(checkpoint.bytes == whole().size());

  keep_usable(checkpoint, plan(), 34);
  CHECK(checkpoint.segments.size() == 1);
  CHECK(checkpoint.bytes == (write_head(kHead) + write_segment(0, kFirst)).size());

  auto other = plan();
  other.times[1] = 41;
  keep_usable(checkpoint, other, 35);
  CHECK(checkpoint.segments.empty());
  CHECK(checkpoint.bytes == write_head(kHead).size());
}

TEST_CASE("another plan has another checksum") {
  const std::uint64_t sum = checksum_of(plan());
  CHECK(sum == checksum_of(plan()));
  auto other = plan();
  other.times[1] = 41;
  CHECK(sum != checksum_of(other));
  other = plan();
  other.segments[0].may_reorder = true;
  CHECK(sum != checksum_of(other));
  other = plan();
  other.end = 121;
  CHECK(sum != checksum_of(other));
}
