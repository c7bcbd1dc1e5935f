#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "orchestrator/observe/error_file.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::log {
namespace {

/// Standard error into something else, while it lives.
class Redirected {
 public:
  explicit Redirected(int to) : before_(::dup(STDERR_FILENO)) { ::dup2(to, STDERR_FILENO); }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;
  ~Redirected() { ::dup2(before_.get(), STDERR_FILENO); }

 private:
  UniqueFd before_;
};

UniqueFd appended(const std::filesystem::path& file) {
  return UniqueFd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
}

void say(std::string_view line) {
  REQUIRE(::write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("what is written goes on in the file that has the name") {
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "log";
  const auto moved = folder.path() / "log.1";
  const Redirected there(appended(file).get());
  const ErrorFile followed;
  say("a\n");
  REQUIRE(followed.follow().has_value());
  say("b\n");
  CHECK(content(file) == "a\nb\n");
  std::filesystem::rename(file, moved);
  say("c\n");
  SUBCASE("made for it") {
    std::ofstream(file) << "there\n";
    REQUIRE(followed.follow().has_value());
    say("d\n");
    CHECK(content(file) == "there\nd\n");
  }
  SUBCASE("made by it, for its group to read") {
    REQUIRE(followed.follow().has_value());
    say("d\n");
    CHECK(content(file) == "d\n");
    CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms(0137)) ==
          std::filesystem::perms::none);
  }
  SUBCASE("again and again") {
    REQUIRE(followed.follow().has_value());
    std::filesystem::rename(file, folder.path() / "log.2");
    REQUIRE(followed.follow().has_value());
    say("d\n");
    CHECK(content(file) == "d\n");
  }
  CHECK(content(moved) == "a\nb\nc\n");
}

TEST_CASE("where the name cannot be opened the old file stays") {
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "log";
  const auto moved = folder.path() / "log.1";
  const Redirected there(appended(file).get());
  const ErrorFile followed;
  std::filesystem::rename(file, moved);
  std::filesystem::create_directory(file);
  const auto failed = followed.follow();
  say("a\n");
  REQUIRE(failed.has_error());
  CHECK(failed.error().message.find(file.string()) != std::string::npos);
  CHECK(content(moved) == "a\n");
}

TEST_CASE("what is no file, or none any more, is left as it is") {
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "log";
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  SUBCASE("a pipe") {
    const Redirected there(writing.get());
    REQUIRE(ErrorFile().follow().has_value());
    say("a");
    char byte = 0;
    CHECK(::read(reading.get(), &byte, 1) == 1);
    CHECK(byte == 'a');
  }
  SUBCASE("a deleted file") {
    const Redirected there(appended(file).get());
    std::filesystem::remove(file);
    REQUIRE(ErrorFile().follow().has_value());
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}

}  // namespace carrel::log
