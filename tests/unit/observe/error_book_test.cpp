#include "orchestrator/observe/error_book.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace carrel::log;
using std::chrono::seconds;

namespace {

const std::chrono::system_clock::time_point kStart{};

}  // namespace

TEST_CASE("the same error is counted, whatever ids and numbers are in it") {
  ErrorBook book;
  for (int i = 0; i < 3; ++i) {
    const std::string reason =
        "no answer from 0190b2c4-aaaa-7" + std::to_string(i) + " after " + std::to_string(i) + " s";
    book.note(kStart + seconds(i), Level::warn, "engine.failed",
              {{"reason", reason}, {"sandbox", "sb-" + std::to_string(i)}});
  }
  book.note(kStart + seconds(9), Level::error, "engine.failed", {{"reason", "out of memory"}});
  const auto groups = book.groups();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].message == "out of memory");
  CHECK(groups[0].level == Level::error);
  CHECK(groups[1].count == 3);
  CHECK(groups[1].first == kStart);
  CHECK(groups[1].last == kStart + seconds(2));
  CHECK(groups[1].sandbox == "sb-2");
  CHECK(groups[1].message.find("after 2 s") != std::string::npos);
  CHECK(book.noted() == 4);
}

TEST_CASE("errors of other events or of other words are others") {
  ErrorBook book;
  book.note(kStart, Level::warn, "a.failed", {{"reason", "x"}});
  book.note(kStart, Level::warn, "b.failed", {{"reason", "x"}});
  book.note(kStart, Level::warn, "a.failed", {{"reason", "y"}});
  book.note(kStart, Level::warn, "a.failed", {{"where", "there"}, {"what", "x"}});
  book.note(kStart, Level::warn, "a.failed", {});
  CHECK(book.groups().size() == 5);
}

TEST_CASE("however many there are, few are kept: those that came last") {
  ErrorBook book;
  for (int i = 0; i < 1000; ++i) {
    const std::string event(static_cast<std::size_t>(i % 500) + 1, 'e');
    book.note(kStart, Level::warn, event, {{"reason", std::string(100'000, 'x')}});
  }
  const auto groups = book.groups();
  CHECK(groups.size() == ErrorBook::kMost);
  CHECK(groups[0].event == std::string(500, 'e'));
  CHECK(groups[0].message.size() <= 512);
  CHECK(book.noted() == 1000);
}
