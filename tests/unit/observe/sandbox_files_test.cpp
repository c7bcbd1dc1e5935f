#include "orchestrator/observe/sandbox_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/log_levels.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::log {
namespace {

namespace fs = std::filesystem;

constexpr char kId[] = "0190b2c4-0000-7000-8000-00000000000a";

std::string line_of(const std::string& id, const std::string& more = {}) {
  return R"({"time":"t","level":"info","event":"a.b","sandbox":")" + id + R"(","more":")" + more + "\"}";
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a sandbox's lines go to its file, and nothing that only looks like one") {
  const support::TemporaryDirectory folder;
  const SandboxFiles files(folder.path());
  files.write(line_of(kId));
  files.write(line_of(kId, "again"));
  files.write(line_of("../../../../../../../../etc/passwd-1"));
  files.write(line_of(""));
  files.write(R"({"event":"a.b","path":"\",\"sandbox\":\"0190b2c4-0000-7000-8000-00000000000b\""})");
  files.write(R"({"event":"a.b"})");
  files.write("");
  CHECK(files_in(folder.path()) == 1);
  CHECK(content(folder.path() / (std::string(kId) + ".log")) ==
        line_of(kId) + "\n" + line_of(kId, "again") + "\n");
}

TEST_CASE("a file ends where it is full, and does not keep others from being written") {
  const support::TemporaryDirectory folder;
  const SandboxFiles files(folder.path());
  for (int i = 0; i < 200; ++i) files.write(line_of(kId, std::string(8000, 'x')));
  CHECK(fs::file_size(folder.path() / (std::string(kId) + ".log")) <= SandboxFiles::kMostBytes);
  CHECK(fs::file_size(folder.path() / (std::string(kId) + ".log")) > SandboxFiles::kMostBytes - 9000);
}

TEST_CASE("the oldest files make room for new ones") {
  const support::TemporaryDirectory folder;
  const SandboxFiles files(folder.path());
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(1000 + i);
    const std::string id = "0190b2c4-0000-7000-8000-00000000" + number;
    files.write(line_of(id));
    fs::last_write_time(folder.path() / (id + ".log"), now + std::chrono::seconds(i - 1000));
  }
  CHECK(files_in(folder.path()) == SandboxFiles::kMostFiles);
  CHECK_FALSE(fs::exists(folder.path() / "0190b2c4-0000-7000-8000-000000001043.log"));
  CHECK(fs::exists(folder.path() / "0190b2c4-0000-7000-8000-000000001044.log"));
}

TEST_CASE("the open log writes them, private to its user") {
  const support::TemporaryDirectory folder;
  Options options;
  options.file = folder.path() / "log";
  const fs::path mine = folder.path() / "of-sandboxes" / (std::string(kId) + ".log");
  {
    const auto session = open(options);
    REQUIRE(session.has_value());
    REQUIRE(keep_sandbox_files(folder.path() / "of-sandboxes").has_value());
    info("sandbox.state", {{"sandbox", kId}});
    info("daemon.ready", {});
  }
  CHECK(content(mine).find("sandbox.state") != std::string::npos);
  CHECK(content(mine).find("daemon.ready") == std::string::npos);
  CHECK((fs::status(mine).permissions() & fs::perms::others_all) == fs::perms::none);
  CHECK(content(options.file).find("daemon.ready") != std::string::npos);
}

TEST_CASE("levels of parts hold for their events alone, and can change") {
  set_levels(levels_from("warn", {"sandbox=debug", "http=error", "wrong", "x=loud"}));
  CHECK(writes(Level::debug, "sandbox.state"));
  CHECK_FALSE(writes(Level::debug, "sandboxes.state"));
  CHECK_FALSE(writes(Level::info, "daemon.ready"));
  CHECK(writes(Level::warn, "daemon.ready"));
  CHECK_FALSE(writes(Level::warn, "http.request"));
  CHECK(writes(Level::error, "http.request"));
  CHECK(enabled(Level::debug));
  set_general_level(Level::error);
  CHECK_FALSE(writes(Level::warn, "daemon.ready"));
  CHECK(writes(Level::debug, "sandbox.state"));
  CHECK(levels().general == Level::error);
  CHECK(levels().parts.size() == 2);
  set_levels({});
  CHECK(levels().parts.empty());
  CHECK_FALSE(writes(Level::debug, "sandbox.state"));
  CHECK(writes(Level::info, "http.request"));
}

}  // namespace carrel::log
