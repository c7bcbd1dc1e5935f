#include "orchestrator/cli/views/views.hpp"

#include <doctest/doctest.h>

#include "orchestrator/cli/doctor/doctor.hpp"
#include "orchestrator/cli/terminal.hpp"

using namespace carrel::cli;
using nlohmann::json;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

Style plain() {
  Style style;
  style.now = kNow;
  return style;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As docs/api.md has it.
const json kSandbox = json::parse(R"({
  "id": "01a1fa79-bf03-74c6-8e72-363692e015d8", "container": "c0ffee", "session": "s1", "user": "anna",
  "role": "streamer", "state": "assigned", "reason": "", "generation": 2, "image": "sha256:1",
  "created_at": "2023-11-14T22:08:20Z", "ready_at": "2023-11-14T22:08:21Z", "last_activity": "2023-11-14T22:13:15Z",
  "streams": 1, "bytes_acknowledged": 1048576, "memory_bytes": 8388608, "memory_limit_bytes": 536870912,
  "cpu_seconds": 3.5, "cpus": 0.5,
  "history": [{"at": "2023-11-14T22:08:20Z", "state": "planned", "reason": "", "detail": "login"}]})");

}  // namespace

TEST_CASE("a list of sandboxes says who, how and since when") {
  const std::string text = views::sandboxes({{"items", {kSandbox}}}, plain());
  CHECK(has(text, "01a1fa79  assigned  anna  streamer        1  8 MiB / 512 MiB   5m  5s ago"));
}

TEST_CASE("one sandbox is shown with its history, its use, and why it lives") {
  const std::string text = views::sandbox(kSandbox, plain());
  CHECK(has(text, "01a1fa79-bf03-74c6-8e72-363692e015d8"));
  CHECK(has(text, "planned"));
  CHECK(has(text, "login"));
  CHECK(has(views::sandbox_use({{"items", {kSandbox}}}, plain()), "8 MiB / 512 MiB"));
  const json why =
      json::parse(R"({"text": ["It serves anna."], "lives_because": "a session", "remover": "idle sweep",
    "touched_last": {"at": "2023-11-14T22:13:15Z", "what": "acknowledged bytes"}, "goes_at": "2023-11-14T22:23:20Z"})");
  const std::string told = views::sandbox_why(why, plain());
  CHECK(has(told, "It serves anna.\n"));
  CHECK(has(told, "acknowledged bytes, 5s ago"));
  CHECK(has(told, "in 10m (2023-11-14T22:23:20Z)"));
  CHECK(has(told, "idle sweep"));
}

TEST_CASE("the status fits on one screen") {
  const json answer = json::parse(R"({"version": "0.1.0", "uptime_seconds": 3700, "instance": "i",
    "engine": {"state": "ready", "product": "Docker Engine", "version": "20.10", "message": ""},
    "sandboxes": {"by_state": {"assigned": 2, "ready": 1, "failed": 0}, "max_total": 64},
    "pool": {"size": 1, "ready": 1, "starting": 0}, "sessions": 2, "streams": 1, "queue": 0,
    "bytes_acknowledged": 1048576})");
  const std::string text = views::status(answer, plain());
  CHECK(has(text, "1h 1m"));
  CHECK(has(text, "ready, Docker Engine 20.10"));
  CHECK(has(text, "2 assigned, 1 ready (at most 64)"));
  CHECK(has(text, "1 ready of 1\n"));
  CHECK(has(text, "1 MiB"));
}

TEST_CASE("the status says what the machine cannot bear, while there is something") {
  const auto with = [](int level, const json& reason) {
    return views::status({{"shedding", {{"level", level}, {"reason", reason}}}}, plain());
  };
  CHECK_FALSE(has(with(0, nullptr), "shedding"));
  CHECK(has(with(1, "it is hot"), "fewer conversions: it is hot\n"));
  CHECK(has(with(2, "it is hot"), "no new sandboxes and no conversions: it is hot\n"));
}

TEST_CASE("people: users, limits, sessions, tokens") {
  const json user =
      json::parse(R"({"id": "u1", "name": "anna", "role": "admin", "disabled": true, "sessions": 2,
    "created_at": "2023-11-14T22:08:20Z", "limits": {"memory": 536870912, "cpus": 0.5, "bandwidth": 1048576},
    "overrides": {"memory": 536870912}})");
  CHECK(has(views::users({{"items", {user}}}, plain()), "anna  admin  disabled         2  5m ago  u1"));
  CHECK(has(views::user(user, plain()), "512 MiB (set for this user)"));
  CHECK(has(views::user(user, plain()), "1 MiB/s\n"));
  CHECK(has(views::user({{"limits", {{"bandwidth", 0}}}}, plain()), "limit bandwidth  no limit\n"));
  const json session = json::parse(R"({"id": "s1", "user": "anna", "role": "admin", "address": "192.0.2.1",
    "created_at": "2023-11-14T22:08:20Z", "last_seen": 1699999990, "expires_at": "2023-11-14T23:13:20Z"})");
  CHECK(has(views::sessions({{"items", {session}}}, plain()), "192.0.2.1  5m ago     10s ago    in 1h"));
  const json token{
      {"name", "t"}, {"created_by", "local:root"}, {"created_at", kNow}, {"expires_at", kNow + 60}};
  CHECK(has(views::tokens({{"items", {token}}}, plain()), "t     local:root  now   in 1m"));
}

TEST_CASE("jobs: progress as a bar, who asked, why it waits, and the disk") {
  const json answer = json::parse(R"({"items": [
    {"id": "j1", "video": "v1", "title": "Old Film", "quality": "play", "state": "running", "priority": 10,
     "progress": 0.435, "reason": null, "asked_by": "anna", "next_try_at": null,
     "created_at": "2023-11-14T22:08:20Z", "started_at": 1699999990, "ended_at": null},
    {"id": "j2", "video": "v2", "title": null, "quality": "720p", "state": "waiting", "priority": 0,
     "progress": 0, "reason": "it died", "asked_by": null, "next_try_at": "2023-11-14T22:14:20Z",
     "created_at": "2023-11-14T22:08:20Z"}],
    "variants_bytes": 1048576, "variants_max_bytes": 107374182400})");
  const std::string text = views::jobs(answer, plain());
  CHECK(has(text, "Old Film  play     running  [#####-------]  43 %    10  10s ago  anna"));
  CHECK(has(
      text,
      "v2        720p     waiting  [------------]   0 %     0  5m ago   -         it died; tried again in"));
  CHECK(has(text, "Converted films take 1 MiB of 100 GiB.\n"));
}

TEST_CASE("a list that is empty says what to do next") {
  const json nothing{{"items", json::array()}};
  CHECK(has(views::sandboxes(nothing, plain()), "carrelctl pool resize"));
  CHECK(has(views::users(nothing, plain()), "carrelctl user add"));
  CHECK(has(views::jobs(nothing, plain()), "carrelctl jobs add"));
  CHECK(has(views::tokens(nothing, plain()), "carrelctl token add"));
  CHECK(has(views::backups(nothing, plain()), "carrelctl backup create"));
  CHECK(has(views::collected(nothing, plain()), "Nothing to collect"));
  CHECK(has(views::pool({{"size", 0}}, plain()), "carrelctl pool resize"));
}

TEST_CASE("a daemon of another version does no harm") {
  for (const json& odd :
       {json(), json(5), json::object(), json{{"items", {nullptr, 5, "x"}}}, json{{"history", {1}}}}) {
    for (const auto view : {views::status, views::sandboxes, views::sandbox_use, views::sandbox,
                            views::sandbox_why, views::verification, views::jobs, views::pool,
                            views::collected, views::sessions, views::users, views::user, views::tokens,
                            views::audit, views::backups, views::config, views::log_level, views::checks}) {
      CHECK_NOTHROW(static_cast<void>(view(odd, plain())));
    }
  }
}

TEST_CASE("the level of the log is shown with those of its parts") {
  const std::string text =
      views::log_level({{"level", "warn"}, {"levels", {"http=error", "sandbox=debug"}}}, plain());
  CHECK(has(text, "warn"));
  CHECK(has(text, "http=error, sandbox=debug"));
}

TEST_CASE("an event is one line, without what could move the cursor") {
  const std::string line =
      views::event("sandbox.state", {{"at", "T"}, {"state", "ready"}, {"reason", "\033[2J"}}, plain());
  CHECK(line == "T  sandbox.state  reason=?[2J  state=ready");
}

TEST_CASE("a verification that failed says so") {
  const json bad{
      {"items", {{{"attempt", "open a file"}, {"expected", "EPERM"}, {"outcome", "opened"}, {"ok", false}}}}};
  CHECK(has(views::verification(bad, plain()), "1 of 1 attempts did not go"));
}

TEST_CASE("doctor: a missing controller is told with a remedy, a good engine without") {
  const json version{{"Version", "20.10.24"}, {"ApiVersion", "1.41"}};
  const json good{{"MemoryLimit", true},
                  {"CpuCfsQuota", true},
                  {"PidsLimit", true},
                  {"CgroupVersion", "2"},
                  {"SecurityOptions", {"name=seccomp,profile=default"}}};
  for (const auto& finding : doctor::judge_engine(version, good)) CHECK(finding.state == doctor::kOk);
  json bad = good;
  bad["MemoryLimit"] = false;
  bad["SecurityOptions"] = json::array();
  const auto findings = doctor::judge_engine(version, bad);
  REQUIRE(findings.size() == 3);
  CHECK(findings[1].state == doctor::kFailed);
  CHECK(has(findings[1].detail, "memory"));
  CHECK(findings[2].state == doctor::kFailed);
  for (const auto& finding : doctor::judge_engine(version, json())) CHECK(finding.state == doctor::kOk);
}

TEST_CASE("doctor: what is of several lines is shown in lines, the later ones below the first") {
  const json found{{"items",
                    {{{"check", "database"},
                      {"state", "failed"},
                      {"detail", "it is gone"},
                      {"remedy", "this puts it back:\n  carrelctl backup restore\033[2J"}}}}};
  CHECK(has(views::checks(found, plain()),
            "[-] database: it is gone\n    this puts it back:\n      carrelctl backup restore?[2J\n"));
}
