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
