#include <doctest/doctest.h>

#include <string>

#include "orchestrator/sandbox/docker/container_json.hpp"
#include "orchestrator/sandbox/docker/json.hpp"
#include "orchestrator/sandbox/docker/log_frames.hpp"
#include "orchestrator/sandbox/docker/parse.hpp"
#include "orchestrator/sandbox/docker/paths.hpp"
#include "orchestrator/sandbox/docker/stats.hpp"
#include "orchestrator/sandbox/docker/version.hpp"

namespace carrel::sandbox::docker {
namespace {

ContainerSpec sample() {
  ContainerSpec spec;
  spec.name = "carrel-ab12";
  spec.image = "carrel-streamer";
  spec.command = {"serve"};
  spec.labels = {{"carrel.instance", "one"}};
  spec.mounts = {{"/run/carrel/ab12", "/control", true}};
  spec.user = "65532:65532";
  spec.memory_bytes = 512U << 20;
  spec.nano_cpus = 500'000'000;
  spec.pids_limit = 16;
  spec.open_files = 256;
  return spec;
}

}  // namespace

TEST_CASE("a container is asked for with everything that keeps it in") {
  const Json body = parse_json(create_body(sample(), "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", {}));
  const Json& host = body["HostConfig"];
  CHECK(body["Image"] == "carrel-streamer");
  CHECK(body["Cmd"] == Json::array({"serve"}));
  CHECK(body["User"] == "65532:65532");
  CHECK(body["Labels"] == Json{{"carrel.instance", "one"}});
  CHECK(host["Memory"] == 512U << 20);
  CHECK(host["MemorySwap"] == 512U << 20);
  CHECK(host["NanoCpus"] == 500'000'000);
  CHECK(host["PidsLimit"] == 16);
  CHECK(host["Ulimits"][0] == Json{{"Name", "nofile"}, {"Soft", 256}, {"Hard", 256}});
  CHECK(host["NetworkMode"] == "none");
  CHECK(host["IpcMode"] == "none");
  CHECK(host["ReadonlyRootfs"] == true);
  CHECK(host["CapDrop"] == Json::array({"ALL"}));
  CHECK(host["SecurityOpt"] ==
        Json::array({"no-new-privileges", "seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\"}"}));
  CHECK(host["Mounts"][0]["Source"] == "/run/carrel/ab12");
  CHECK(host["Mounts"][0]["ReadOnly"] == true);
  CHECK(host["LogConfig"]["Config"]["max-size"] == "1m");
  CHECK(host["OomScoreAdj"] > 0);
  CHECK(host["AutoRemove"] == false);
}

TEST_CASE("Podman is told how many processes, so that it does not ask for more than its host has") {
  const auto ulimits = [](bool podman) {
    const Traits traits{.podman = podman, .cgroup_v1 = false};
    return parse_json(create_body(sample(), "", traits))["HostConfig"]["Ulimits"];
  };
  CHECK(ulimits(true).back() == Json{{"Name", "nproc"}, {"Soft", 4096}, {"Hard", 4096}});
  CHECK(ulimits(false).back()["Name"] != "nproc");
}

TEST_CASE("swappiness is asked for only where the engine takes it") {
  CHECK(parse_json(create_body(sample(), "",
                               {.podman = false, .cgroup_v1 = true}))["HostConfig"]["MemorySwappiness"] == 0);
  const Json body = parse_json(create_body(sample(), "", {.podman = false, .cgroup_v1 = false}));
  CHECK_FALSE(body["HostConfig"].contains("MemorySwappiness"));
  CHECK(body["HostConfig"]["SecurityOpt"] == Json::array({"no-new-privileges"}));
}

TEST_CASE("a weight of I/O is asked for only when there is one") {
  ContainerSpec spec = sample();
  CHECK_FALSE(parse_json(create_body(spec, "", {}))["HostConfig"].contains("BlkioWeight"));
  spec.io_weight = 200;
  CHECK(parse_json(create_body(spec, "", {}))["HostConfig"]["BlkioWeight"] == 200);
}

TEST_CASE("shares of the CPU are asked for only where there are some") {
  ContainerSpec spec = sample();
  CHECK_FALSE(parse_json(create_body(spec, "", {}))["HostConfig"].contains("CpuShares"));
  spec.cpu_shares = 256;
  CHECK(parse_json(create_body(spec, "", {}))["HostConfig"]["CpuShares"] == 256);
}

TEST_CASE("an update leaves alone what is zero") {
  CHECK(parse_json(update_body(1024, 0)) == Json{{"Memory", 1024}, {"MemorySwap", 1024}});
  CHECK(parse_json(update_body(0, 7)) == Json{{"NanoCpus", 7}});
}

TEST_CASE("the newest version that both speak is agreed on") {
  const auto agreed = [](const std::string& newest, const std::string& oldest) {
    const auto info = parse_version(R"({"Version":"1","ApiVersion":")" + newest + R"(","MinAPIVersion":")" +
                                    oldest + R"("})");
    return info ? info->api_version : "error: " + info.error().message;
  };
  CHECK(agreed("1.41", "1.12") == "1.41");
  CHECK(agreed("1.40", "1.12") == "1.40");
  CHECK(agreed("1.52", "1.44") == "1.47");
  CHECK(agreed("2.3", "2.0") == "2.0");
  CHECK(agreed("1.39", "1.12").find("at least 1.40") != std::string::npos);
  CHECK(agreed("1.x", "").starts_with("error"));
  CHECK(agreed("99999999999.1", "").starts_with("error"));
}

TEST_CASE("Podman is known by its components, cgroups by the engine's word") {
  const auto info = parse_version(
      R"({"Version":"4.3.1","ApiVersion":"1.41","MinAPIVersion":"1.24","Components":[{"Name":"Podman Engine"}]})");
  REQUIRE(info.has_value());
  CHECK(info->product == "Podman");
  CHECK(parse_traits(R"({"CgroupVersion":"2"})", "Docker")->cgroup_v1 == false);
  CHECK(parse_traits(R"({})", "Docker")->cgroup_v1 == true);
  CHECK(parse_traits(R"({"CgroupVersion":"v2"})", "Podman")->podman == true);
  CHECK(parse_traits("[]", "Docker").has_error());
}

TEST_CASE("a container's state is read from Docker's words and from Podman's") {
  const auto docker =
      parse_container(R"({"Id":"ab","Name":"/carrel-ab","Image":"sha256:1","Config":{"Labels":{"a":"b"}},)"
                      R"("State":{"Running":false,"OOMKilled":true,"ExitCode":137,"Pid":0}})");
  REQUIRE(docker.has_value());
  CHECK(docker->name == "carrel-ab");
  CHECK(docker->labels == Labels{{"a", "b"}});
  CHECK(docker->oom_killed);
  CHECK(docker->exit_code == 137);
  const auto podman = parse_container(
      R"({"Id":"ab","Name":"x","Config":{"Labels":null},"State":{"Running":true,"Pid":4711}})");
  REQUIRE(podman.has_value());
  CHECK(podman->running);
  CHECK(docker->pid == 0);
  CHECK(podman->pid == 4711);
  CHECK(parse_container(R"({"Id":"ab","State":{"Pid":-7}})")->pid == 0);
  CHECK(parse_container(R"({"Id":"ab","State":{"Pid":"7"}})")->pid == 0);
}

TEST_CASE("a list is read whole or not at all") {
  const auto list = parse_containers(
      R"([{"Id":"a","Names":["/one"],"ImageID":"sha256:1","Labels":{"k":"v"},"State":"paused"},)"
      R"({"Id":"b","Names":[],"State":"exited"}])");
  REQUIRE(list.has_value());
  CHECK(list->at(0).name == "one");
  CHECK(list->at(0).running);
  CHECK_FALSE(list->at(1).running);
  CHECK(parse_containers("{}").has_error());
  CHECK(parse_containers("[1]").has_error());
}

TEST_CASE("no shape of answer gets further than an error") {
  for (const char* body :
       {"", "null", "[]", "7", "\"x\"", "{", "{\"Id\":7}", "{\"Id\":{}}", "{\"State\":[]}", "\xff\xfe",
        "{\"StatusCode\":\"1\"}", "{\"Action\":null,\"Actor\":7}", "{\"ApiVersion\":[1]}"}) {
    CAPTURE(std::string(body));
    CHECK(parse_created(body).has_error());
    CHECK(parse_container(body).has_error());
    CHECK(parse_exit(body).has_error());
    CHECK(parse_stats(body).has_error());
    CHECK(parse_image(body).has_error());
    CHECK(parse_event(body).has_error());
    CHECK(parse_version(body).has_error());
  }
  CHECK(parse_container(std::string(200'000, '[')).has_error());
}

TEST_CASE("a container's figures are read as cgroup v1 and v2 have them") {
  const auto v1 = parse_stats(
      R"({"pids_stats":{"current":3,"limit":16},"memory_stats":{"usage":1000,"max_usage":2000,"limit":536870912,)"
      R"("stats":{"cache":1,"total_cache":300}},"cpu_stats":{"cpu_usage":{"total_usage":5000000000},)"
      R"("throttling_data":{"periods":10,"throttled_periods":4,"throttled_time":7}},)"
      R"("blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"Read","value":5},)"
      R"({"major":8,"minor":16,"op":"Read","value":6},{"major":8,"minor":0,"op":"Write","value":7},)"
      R"({"major":8,"minor":0,"op":"Total","value":99}]}})");
  REQUIRE(v1.has_value());
  CHECK(v1->pids == 3);
  CHECK(v1->pids_limit == 16);
  CHECK(v1->memory_bytes == 1000);
  CHECK(v1->memory_peak_bytes == 2000);
  CHECK(v1->memory_cache_bytes == 300);
  CHECK(v1->memory_limit_bytes == 512U << 20);
  CHECK(v1->cpu_time == std::chrono::seconds(5));
  CHECK(v1->cpu_periods == 10);
  CHECK(v1->cpu_throttled_periods == 4);
  CHECK(v1->cpu_throttled_time == std::chrono::nanoseconds(7));
  CHECK(v1->read_bytes == 11);
  CHECK(v1->written_bytes == 7);
  CHECK_FALSE(v1->oom_kills.has_value());

  const auto v2 = parse_stats(
      R"({"pids_stats":{"current":1,"limit":18446744073709551615},"memory_stats":{"usage":9,"stats":{"file":4}},)"
      R"("blkio_stats":{"io_service_bytes_recursive":[{"op":"read","value":5},{"op":"write","value":6}]}})");
  REQUIRE(v2.has_value());
  CHECK(v2->memory_cache_bytes == 4);
  CHECK_FALSE(v2->pids_limit.has_value());
  CHECK_FALSE(v2->memory_peak_bytes.has_value());
  CHECK(v2->read_bytes == 5);
  CHECK(v2->written_bytes == 6);
}

TEST_CASE("figures that make no sense are left out, the others kept") {
  const auto odd = parse_stats(
      R"({"pids_stats":{"current":-1,"limit":0},"memory_stats":{"usage":"9","limit":1e3,"stats":[]},"cpu_stats":7,)"
      R"("blkio_stats":{"io_service_bytes_recursive":[null,7,{"op":"Read","value":-5},{"op":"Read","value":2}]}})");
  REQUIRE(odd.has_value());
  cgroup::Usage expected;
  expected.read_bytes = 2;
  expected.written_bytes = 0;
  CHECK(*odd == expected);
  CHECK(parse_stats(R"({"cpu_stats":{"cpu_usage":{"total_usage":18446744073709551615}}})").has_error());
  CHECK(parse_stats(R"({"memory_stats":{},"blkio_stats":{"io_service_bytes_recursive":null}})").has_error());
}

TEST_CASE("one-shot is asked for where the engine knows it") {
  CHECK_FALSE(has_one_shot({"Docker", "19.03", "1.40"}));
  CHECK(has_one_shot({"Docker", "20.10", "1.41"}));
  CHECK(has_one_shot({"Docker", "30", "2.0"}));
  CHECK_FALSE(has_one_shot({"", "", ""}));
}

TEST_CASE("an exit code comes with or without an error beside it") {
  CHECK(*parse_exit(R"({"StatusCode":3,"Error":null})") == 3);
  CHECK(*parse_exit(R"({"StatusCode":0})") == 0);
  CHECK(parse_exit(R"({"StatusCode":0,"Error":{"Message":"lost it"}})").error().message == "lost it");
}

TEST_CASE("events use Docker's words whoever sends them") {
  const auto docker = parse_event(
      R"({"status":"die","Type":"container","Action":"die","Actor":{"ID":"ab","Attributes":{"exitCode":"137","n":1}},)"
      R"("timeNano":1700000000000000123})");
  REQUIRE(docker.has_value());
  CHECK(docker->action == "die");
  CHECK(docker->attributes == Labels{{"exitCode", "137"}});
  CHECK(docker->time_ns == 1700000000000000123);
  const auto podman =
      parse_event(R"({"Action":"died","Actor":{"ID":"ab","Attributes":{"containerExitCode":"1"}}})");
  REQUIRE(podman.has_value());
  CHECK(podman->action == "die");
  CHECK(podman->attributes.at("exitCode") == "1");
}

TEST_CASE("the engine's own message is kept, whatever it came in") {
  CHECK(parse_message(R"({"message":"No such image: x:latest"})") == "No such image: x:latest");
  CHECK(parse_message(R"({"cause":"no such image","message":"x: image not known","response":404})") ==
        "x: image not known");
  CHECK(parse_message("404 page not found\n") == "404 page not found");
  CHECK(parse_message("a\x1b[31mb") == "a [31mb");
  CHECK(parse_message(std::string(100'000, 'x')).size() == 2048);
  CHECK(parse_message("").empty());
}

TEST_CASE("ids, images and signals are checked before they get into a path") {
  CHECK(check_container("carrel-ab_12.x").has_value());
  CHECK(check_image("registry:5000/a/b@sha256:00ff").has_value());
  CHECK(check_signal("SIGRTMIN+1").has_value());
  for (const char* bad : {"", "-a", "../x", "a/b", "a?b", "a b", "a\nb"}) {
    CAPTURE(std::string(bad));
    CHECK(check_container(bad).has_error());
  }
  for (const char* bad : {"", "/a", "a/../b", "a?b", "a#b", "a%2f"}) {
    CAPTURE(std::string(bad));
    CHECK(check_image(bad).has_error());
  }
  for (const char* bad : {"", "KILL&x", "a b"}) CHECK(check_signal(bad).has_error());
  CHECK(check_container(std::string(129, 'a')).has_error());
}

TEST_CASE("filters are JSON, encoded") {
  CHECK(label_filters({{"k", "v"}}, "container") ==
        "%7B%22label%22%3A%5B%22k%3Dv%22%5D%2C%22type%22%3A%5B%22container%22%5D%7D");
  CHECK(label_filters({}, {}) == "%7B%7D");
}

TEST_CASE("log frames are joined; anything else is an error") {
  const std::string out("\1\0\0\0\0\0\0\3one", 11);
  const std::string err("\2\0\0\0\0\0\0\2ow", 10);
  CHECK(*join_log_frames(out + err) == "oneow");
  CHECK(join_log_frames("")->empty());
  CHECK(join_log_frames(out.substr(0, 5)).has_error());
  CHECK(join_log_frames(out.substr(0, 10)).has_error());
  CHECK(join_log_frames("plain text, no frames").has_error());
  CHECK(join_log_frames(std::string("\1\0\0\0\xff\xff\xff\xffx", 9)).has_error());
}

}  // namespace carrel::sandbox::docker
