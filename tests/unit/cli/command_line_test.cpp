#include "orchestrator/cli/command_line.hpp"

#include <doctest/doctest.h>

using namespace carrel::cli;

namespace {

std::string unknown_in(const std::vector<std::string>& words) {
  const CommandLine line;
  return unknown_word(line.root(), words);
}

int run_words(std::vector<const char*> words) {
  words.insert(words.begin(), "carrelctl");
  return run(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("typing errors are told with what was probably meant") {
  CHECK(unknown_in({"sandbx"}).find("did you mean sandbox?") != std::string::npos);
  CHECK(unknown_in({"sandbox", "shwo"}).find("did you mean show?") != std::string::npos);
  CHECK(unknown_in({"user", "add", "anna", "--rol", "admin"}).find("did you mean --role?") !=
        std::string::npos);
  CHECK(unknown_in({"status", "--jsno"}).find("did you mean --json?") != std::string::npos);
  CHECK(unknown_in({"sandbox", "xyzzy"}).find("carrelctl sandbox knows: ls show why") != std::string::npos);
}

TEST_CASE("what is known is not called unknown, values included") {
  CHECK(unknown_in({"--socket", "sandbx", "status"}).empty());
  CHECK(unknown_in({"--watch", "status"}).empty());
  CHECK(unknown_in({"user", "add", "--role", "admin", "anna"}).empty());
  CHECK(unknown_in({"--socket=/x", "sandbox", "ls", "--json", "-w"}).empty());
}

TEST_CASE("a wrong command line ends with 2, help with 0, nobody there with 5") {
  CHECK(run_words({}) == 2);
  CHECK(run_words({"sandbx"}) == 2);
  CHECK(run_words({"sandbox"}) == 2);
  CHECK(run_words({"sandbox", "show"}) == 2);
  CHECK(run_words({"user", "role", "anna", "king"}) == 2);
  CHECK(run_words({"status", "--watch", "0"}) == 2);
  CHECK(run_words({"--url", "http://films.example", "--token-file", "/nowhere", "status"}) == 2);
  CHECK(run_words({"--socket", "/nowhere/at/all.sock", "status"}) == 5);
  CHECK(run_words({"--help"}) == 0);
  CHECK(run_words({"--version"}) == 0);
}

TEST_CASE("numbers that are none, or that nobody can mean, are refused with their bounds") {
  const auto refused = [](std::vector<const char*> words) {
    words.insert(words.begin(), "carrelctl");
    CommandLine line;
    try {
      line.root().parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const char* odd : {"0", "-1", "nan", "inf", "1e3", "0x10", "1.5", "10001", "99999999999999999999"}) {
    CAPTURE(odd);
    CHECK(refused({"backup", "create", "--keep", odd}) ==
          "--keep: \"" + std::string(odd) + "\" is not a whole number from 1 to 10000");
  }
  CHECK(refused({"backup", "create", "--keep-days", "106751991167400"}) ==
        "--keep-days: \"106751991167400\" is not a whole number from 0 to 36500");
  CHECK(refused({"backup", "create", "--keep", "010", "--keep-days", "36500"}).empty());
  for (const char* odd : {"nan", "inf", "0", "1e400", "86401"}) {
    CAPTURE(odd);
    CHECK(refused({"--watch", odd, "status"}) ==
          "--watch: \"" + std::string(odd) + "\" is not a number from 0.1 to 86400");
  }
  CHECK(refused({"events", "--count", "0"}).size() < 100);
  CHECK(refused({"events", "--count", "18446744073709551616"}).size() < 100);
  CHECK(refused({"audit", "--limit", "1001"}) == "--limit: \"1001\" is not a whole number from 1 to 1000");
  CHECK(refused({"pool", "resize", "1001"}) == "size: \"1001\" is not a whole number from 0 to 1000");
  CHECK(refused({"jobs", "priority", "1", "1001"}).find("from -1000 to 1000") != std::string::npos);
  CHECK(refused({"jobs", "priority", "1", "-1000"}).empty());
}

TEST_CASE("options of the root may stand anywhere") {
  CommandLine line;
  const char* words[] = {"carrelctl", "sandbox", "ls", "--json", "--watch", "5"};
  line.root().parse(6, words);
  CHECK(line.globals().json);
  CHECK(line.globals().watch == 5);
  CHECK(line.plan().run);
}

TEST_CASE("--watch alone is every two seconds, also before the command") {
  CommandLine line;
  const char* words[] = {"carrelctl", "--watch", "sandbox", "ls"};
  line.root().parse(4, words);
  CHECK(line.globals().watch == 2);
}
