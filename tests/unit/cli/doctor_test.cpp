#include "orchestrator/cli/doctor/doctor.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "orchestrator/cli/doctor/running.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::doctor;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;

}  // namespace

TEST_CASE("the configuration of a running daemon is read back, but its secrets") {
  const auto config = running_config(nlohmann::json::parse(R"({"items":[
    {"key":"library.paths","value":"[\"/srv/a\", \"/srv/b\"]"},
    {"key":"library.rescan","value":"\"1s\""},
    {"key":"pool.size","value":"3"},
    {"key":"admin.password","value":"***"},
    {"key":"future.key","value":"7"},
    {"key":"nonsense"}]})"));
  CHECK(config.library.paths == std::vector<std::filesystem::path>{"/srv/a", "/srv/b"});
  CHECK(config.library.rescan == std::chrono::seconds(1));
  CHECK(config.pool.size == 3);
  CHECK(config.admin.password.empty());
  CHECK(running_config(nlohmann::json()).pool.size == config::Config{}.pool.size);
}

TEST_CASE("a certificate is told of before it ends, and when it has") {
  CHECK(judge_certificate(kNow + 90 * kDay, kNow).state == kOk);
  CHECK(judge_certificate(kNow + 20 * kDay, kNow).state == kWarning);
  CHECK(judge_certificate(kNow - 1, kNow).state == kFailed);
}

TEST_CASE("no backup, and an old one, are told of") {
  CHECK(judge_backup({}, "/b", kNow).state == kWarning);
  CHECK(judge_backup({{"/b/new", 1, kNow - kDay}, {"/b/old", 1, kNow - 90 * kDay}}, "/b", kNow).state == kOk);
  CHECK(judge_backup({{"/b/old", 1, kNow - 9 * kDay}}, "/b", kNow).state == kWarning);
}

TEST_CASE("data that others may look into are told of") {
  const support::TemporaryDirectory folder;
  config::Config config;
  config.data.dir = folder.path();
  CHECK(judge_data(config).state == kOk);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  CHECK(judge_data(config).state == kFailed);
  config.data.dir = folder.path() / "later";
  CHECK(judge_data(config).state == kOk);
  config.data.dir = folder.write("file", "");
  CHECK(judge_data(config).state == kFailed);
}
