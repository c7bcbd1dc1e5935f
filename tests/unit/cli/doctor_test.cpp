#include "orchestrator/cli/doctor/doctor.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.hpp"
#include "orchestrator/cli/doctor/running.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::doctor;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;

const auto kDocker20 = nlohmann::json::parse(R"({"Components":[{"Name":"Engine"}],"ApiVersion":"1.41"})");
const auto kDocker25 = nlohmann::json::parse(R"({"Components":[{"Name":"Engine"}],"ApiVersion":"1.44"})");
const auto kPodman =
    nlohmann::json::parse(R"({"Components":[{"Name":"Podman Engine"}],"ApiVersion":"1.41"})");

/// As an engine answers that is set up as the benchmark wants.
nlohmann::json well_set_up() {
  return nlohmann::json::parse(R"({
    "Driver":"overlay2", "Warnings":["WARNING: No swap limit support"], "LiveRestoreEnabled":true,
    "ExperimentalBuild":false,
    "SecurityOptions":["name=apparmor","name=seccomp,profile=builtin","name=no-new-privileges"],
    "RegistryConfig":{"InsecureRegistryCIDRs":["::1/128","127.0.0.0/8"],
                      "IndexConfigs":{"docker.io":{"Secure":true},"localhost:5000":{"Secure":false},
                                      "127.0.0.1:5000":{"Secure":false}}}})");
}

/// The one of that name; none is an empty one.
Finding found(const std::vector<Finding>& findings, const std::string& check) {
  const auto one = std::ranges::find(findings, check, &Finding::check);
  return one == findings.end() ? Finding{} : *one;
}

Finding setup(const std::string& check, const nlohmann::json& changes) {
  auto info = well_set_up();
  info.update(changes);
  return found(judge_setup(kDocker25, info), check);
}

}  // namespace

TEST_CASE("an engine that is set up well is called so, and what it does not tell is not held against it") {
  const auto findings = judge_setup(kDocker25, well_set_up());
  CHECK(findings.size() == 6);
  for (const auto& one : findings) {
    CAPTURE(one.check);
    CHECK(one.state == kOk);
    CHECK(one.remedy.empty());
  }
  for (const auto& one : judge_setup(kDocker20, nlohmann::json::object())) CHECK(one.state == kOk);
  CHECK(judge_setup(kDocker20, nlohmann::json()).empty());
}

TEST_CASE("an engine that listens on TCP without asking who is there is a failure, with the address") {
  const auto one =
      setup("engine address", {{"Warnings",
                                {"WARNING: API is accessible on http://0.0.0.0:2375 without "
                                 "encryption.\n         Access to the remote API is equivalent to root",
                                 "WARNING: API is accessible on https://0.0.0.0:2376 without TLS "
                                 "client verification."}}});
  CHECK(one.state == kFailed);
  CHECK(one.detail.find("http://0.0.0.0:2375, https://0.0.0.0:2376 is root") != std::string::npos);
  CHECK_FALSE(one.remedy.empty());
}

TEST_CASE("registries without TLS beyond the loopback are a failure") {
  for (const char* registry : {"10.0.0.0/8", "registry.lan:5000", "127.0.0.1.evil.example", "0.0.0.0/0"}) {
    CAPTURE(registry);
    const bool is_range = std::string(registry).find('/') != std::string::npos;
    const nlohmann::json config = is_range
                                      ? nlohmann::json{{"InsecureRegistryCIDRs", {"127.0.0.0/8", registry}}}
                                      : nlohmann::json{{"IndexConfigs", {{registry, {{"Secure", false}}}}}};
    const auto one = setup("registries", {{"RegistryConfig", config}});
    CHECK(one.state == kFailed);
    CHECK(one.detail.find(std::string("from ") + registry + " without") != std::string::npos);
  }
}

TEST_CASE(
    "of the engine's other settings some are failures, and those that Carrel's containers do not need "
    "hints") {
  CHECK(setup("storage driver", {{"Driver", "aufs"}}).state == kFailed);
  CHECK(setup("experimental", {{"ExperimentalBuild", true}}).state == kWarning);
  CHECK(setup("live restore", {{"LiveRestoreEnabled", false}}).state == kWarning);
  const nlohmann::json options{{"SecurityOptions", {"name=seccomp,profile=builtin"}}};
  CHECK(setup("new privileges", options).state == kWarning);
  // An earlier engine does not tell.
  CHECK(found(judge_setup(kDocker20, options), "new privileges").check.empty());
  const auto of_podman = judge_setup(kPodman, {{"ExperimentalBuild", true}, {"LiveRestoreEnabled", false}});
  for (const auto& one : of_podman) CHECK(one.state == kOk);
  CHECK(of_podman.size() == 3);
}

TEST_CASE("an engine without seccomp fails, and one that applies none by itself is told of") {
  const auto seccomp = [](const nlohmann::json& options) {
    return found(judge_engine(kDocker20, {{"SecurityOptions", options}}), "seccomp").state;
  };
  CHECK(seccomp({"name=apparmor", "name=seccomp,profile=default"}) == kOk);
  CHECK(seccomp({"name=apparmor", "name=seccomp,profile=unconfined"}) == kWarning);
  CHECK(seccomp({"name=apparmor"}) == kFailed);
}

TEST_CASE("a socket of the engine that everybody may use is a failure, and one of somebody's is told of") {
  const support::TemporaryDirectory folder;
  const std::string path = folder.write("docker.sock", "");
  const nlohmann::json rootful{{"SecurityOptions", {"name=seccomp,profile=default"}}};
  const nlohmann::json rootless{{"SecurityOptions", {"name=seccomp,profile=default", "name=rootless"}}};
  REQUIRE(::chmod(path.c_str(), 0660) == 0);
  CHECK(judge_socket(path, rootful).state == (::getuid() == 0 ? kOk : kWarning));
  CHECK(judge_socket(path, rootless).state == kOk);
  if (::getuid() == 0) {
    REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
    CHECK(judge_socket(path, rootful).state == kWarning);
    CHECK(judge_socket(path, rootful).detail.find("belongs to 12345") != std::string::npos);
    CHECK(judge_socket(path, rootless).state == kOk);
  }
  REQUIRE(::chmod(path.c_str(), 0662) == 0);
  for (const auto& info : {rootful, rootless}) {
    CHECK(judge_socket(path, info).state == kFailed);
    CHECK(judge_socket(path, info).detail.find("(0662)") != std::string::npos);
    CHECK(judge_socket(path, info).remedy.find("chmod 660 " + path) != std::string::npos);
  }
  CHECK(judge_socket(path + ".gone", rootful).state == kFailed);
}

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
  CHECK(judge_certificate(kNow + 90 * kDay, 0, kNow).state == kOk);
  CHECK(judge_certificate(kNow + 20 * kDay, 0, kNow).state == kWarning);
  CHECK(judge_certificate(kNow - 1, 0, kNow).state == kFailed);
}

TEST_CASE("no backup, an old one, and a folder that cannot be listed are told of") {
  using Shelf = std::vector<backup::Shelved>;
  CHECK(judge_backup(Shelf{}, "/b", kNow).state == kWarning);
  const Shelf fresh{{"/b/new", 1, kNow - kDay}, {"/b/old", 1, kNow - 90 * kDay}};
  CHECK(judge_backup(fresh, "/b", kNow).state == kOk);
  CHECK(judge_backup(Shelf{{"/b/old", 1, kNow - 9 * kDay}}, "/b", kNow).state == kWarning);
  const support::TemporaryDirectory data;
  const auto folder = data.write("backups", "no folder");
  const auto unknown = judge_backup(backup::on_shelf(folder, kNow), folder, kNow);
  CHECK(unknown.state == kWarning);
  CHECK(unknown.detail.find("list the backups in " + folder.string()) != std::string::npos);
  CHECK(unknown.remedy == "run this as root or as carrel");
}

TEST_CASE("an address that carreld.socket has is nobody else's") {
  const UniqueFd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(taken.get(), plain, size) == 0);
  REQUIRE(::listen(taken.get(), 1) == 0);
  REQUIRE(::getsockname(taken.get(), plain, &size) == 0);
  config::Config config;
  config.http.listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  CHECK(judge_port(config, "").state == kFailed);
  CHECK(judge_port(config, "inactive").state == kFailed);
  const auto held = judge_port(config, "active");
  CHECK(held.state == kOk);
  CHECK(held.detail == "carreld.socket listens: whoever connects starts carreld");
}

TEST_CASE("a socket unit that listens elsewhere than http.listen says is told of") {
  config::Config config;
  config.http.listen = "0.0.0.0:443";
  CHECK(judge_socket_unit("[::]:443 (Stream)", config).empty());
  CHECK(judge_socket_unit("", config).empty());
  const auto elsewhere = judge_socket_unit("127.0.0.1:8080 (Stream)", config);
  REQUIRE(elsewhere.size() == 1);
  CHECK(elsewhere[0].state == kWarning);
  CHECK(elsewhere[0].detail ==
        "carreld.socket listens at 127.0.0.1:8080, in the place of http.listen = 0.0.0.0:443");
  CHECK(elsewhere[0].remedy.find("systemctl edit carreld.socket") != std::string::npos);
}

TEST_CASE("a nightly backup that failed is told of, and where they go is asked of its unit") {
  CHECK(judge_units("active", "success").empty());
  CHECK(judge_units("", "").empty());
  const auto failed = judge_units("failed", "exit-code");
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].check == "unit");
  CHECK(failed[1].state == kFailed);
  CHECK(failed[1].detail == "the last one failed (exit-code)");
  CHECK(failed[1].remedy.find("journalctl -u carrel-backup") != std::string::npos);
  CHECK(nightly_folder("KEEP=30 KEEP_DAYS=90 FOLDER=", "/b") == "/b");
  CHECK(nightly_folder("", "/b") == "/b");
  CHECK(nightly_folder("KEEP=30 FOLDER=/mnt/usb KEEP_DAYS=90", "/b") == "/mnt/usb");
  CHECK(nightly_folder("KEEP=30 \"FOLDER=/mnt/a disk\" X=y", "/b") == "/mnt/a disk");
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
