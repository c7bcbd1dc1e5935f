#include "orchestrator/backup/tar.hpp"

#include <doctest/doctest.h>

using namespace carrel;
using namespace carrel::backup;

TEST_CASE("a head says again what it was made of") {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{511}, std::uint64_t{1} << 32}) {
    const auto entry = tar::parse_head(tar::head({"settings/1-carrel.toml", size}, 1'800'000'000));
    REQUIRE(entry.has_value());
    CHECK(entry->name == "settings/1-carrel.toml");
    CHECK(entry->size == size);
  }
}

TEST_CASE("contents are filled up to whole blocks") {
  CHECK(tar::padding(0) == 0);
  CHECK(tar::padding(1) == 511);
  CHECK(tar::padding(512) == 0);
  CHECK(tar::padding(513) == 511);
}

TEST_CASE("a changed byte of a head is found") {
  const std::string good = tar::head({"carrel.db", 4096}, 1'800'000'000);
  for (std::size_t at = 0; at < 345; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    // What follows the sum's digits says nothing.
    if (at != 155) CHECK_MESSAGE(tar::parse_head(bad).has_error(), "byte " << at);
  }
}

TEST_CASE("what is no regular file is refused") {
  std::string link = tar::head({"carrel.db", 0}, 0);
  link[156] = '2';
  // With its sum made right: '2' instead of '0'.
  std::string sum = link.substr(148, 6);
  const auto old = std::stoul(sum, nullptr, 8);
  char text[8];
  std::snprintf(text, sizeof text, "%06lo", old + 2);
  link.replace(148, 6, text);
  const auto entry = tar::parse_head(link);
  REQUIRE(entry.has_error());
  CHECK(entry.error().message.find("something else than files") != std::string::npos);
}
