#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/log_line.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::log {
namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const std::filesystem::path& file) {
  std::vector<Json> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

Json made(Fields fields) {
  return Json::parse(make_line({}, Level::warn, "a.b", fields));
}

}  // namespace

TEST_CASE("a line has the time, the level and the event first, then the fields as they were given") {
  CHECK(
      make_line({}, Level::warn, "sandbox.created", {{"sandbox", "ab"}, {"ms", 12}}) ==
      R"({"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"sandbox.created","sandbox":"ab","ms":12})");
}

TEST_CASE("values keep their type, and no text gets out of its quotes") {
  const std::string text = "a\"b\\c\nd\x01";
  const Json line = made({{"text", text},
                          {"yes", true},
                          {"whole", std::size_t{1} << 40U},
                          {"part", 0.5},
                          {"none", std::nan("")},
                          {"bytes", "\xff\xfe"}});
  CHECK(line["text"] == text);
  CHECK(line["yes"] == true);
  CHECK(line["whole"] == std::int64_t{1} << 40);
  CHECK(line["part"] == 0.5);
  CHECK(line["none"].is_null());
  CHECK(line["bytes"] == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("the line's own keys cannot be replaced, and long texts are cut") {
  const Json line = made({{"level", "debug"}, {"long", std::string(100'000, 'x')}});
  CHECK(line["level"] == "warn");
  CHECK(line["long"].get<std::string>().size() == 8192);
}

TEST_CASE("levels have names") {
  CHECK(parse_level("warn") == Level::warn);
  CHECK_FALSE(parse_level("WARN").has_value());
  CHECK_FALSE(parse_level("").has_value());
}

TEST_CASE("many threads write whole lines of the wished level to the file") {
  const support::TemporaryDirectory folder;
  Options options;
  options.file = folder.path() / "log";
  {
    const auto session = open(options);
    REQUIRE(session.has_value());
    CHECK(open(options).has_error());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 500; ++i) {
          info("test.line", {{"thread", t}, {"i", i}, {"text", "a\nb"}});
          debug("test.hidden");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto lines = lines_of(options.file);
  CHECK(lines.size() == 2000);
  for (const Json& line : lines) CHECK(line["event"] == "test.line");
}

TEST_CASE("a log that cannot be opened says why") {
  const support::TemporaryDirectory folder;
  Options options;
  options.file = folder.path() / "plain";
  std::ofstream(options.file) << "x";
  options.file /= "log";
  const auto session = open(options);
  REQUIRE(session.has_error());
  CHECK(session.error().message.find(options.file.string()) != std::string::npos);
}

TEST_CASE("a reader that stands still costs lines, not time") {
  const support::TemporaryDirectory folder;
  Options options;
  options.file = folder.path() / "pipe";
  options.queue = 64;
  REQUIRE(::mkfifo(options.file.c_str(), 0600) == 0);
  UniqueFd reader(::open(options.file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const std::uint64_t before = dropped();
  {
    auto session = open(options);
    REQUIRE(session.has_value());
    const std::string text(1000, 'x');
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000; ++i) info("test.flood", {{"text", text}});
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    CHECK(dropped() > before);
    // Read on, so that what is queued can be written and the session can end.
    std::thread drain([&] {
      ::fcntl(reader.get(), F_SETFL, 0);
      char buffer[4096];
      while (::read(reader.get(), buffer, sizeof(buffer)) > 0) {
      }
    });
    session->reset();
    drain.join();
  }
  CHECK(dropped() > before);
}

}  // namespace carrel::log
