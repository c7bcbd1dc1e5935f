#include "orchestrator/cli/endpoint.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli;

TEST_CASE("a configured data directory is the only place to look; otherwise the usual ones are") {
  config::Config config;
  config.data.dir = "/srv/carrel";
  CHECK(candidate_sockets(config, "/home/a", "") == std::vector<std::string>{"/srv/carrel/run/admin.sock"});
  config.admin.socket = "/run/carrel.sock";
  CHECK(candidate_sockets(config, "/home/a", "") == std::vector<std::string>{"/run/carrel.sock"});
  CHECK(candidate_sockets(config::Config{}, "/home/a", "") ==
        std::vector<std::string>{"./carrel-data/run/admin.sock", "/home/a/.local/share/carrel/run/admin.sock",
                                 "/var/lib/carrel/run/admin.sock", "/run/carrel/admin.sock"});
  CHECK(candidate_sockets(config::Config{}, "/home/a", "/x").at(1) == "/x/carrel/run/admin.sock");
}

TEST_CASE("a token goes over the network only encrypted") {
  CHECK(keeps_a_secret("https://films.example"));
  CHECK(keeps_a_secret("http://localhost:8080"));
  CHECK(keeps_a_secret("http://127.0.0.1:8080"));
  CHECK(keeps_a_secret("http://[::1]:8080"));
  CHECK_FALSE(keeps_a_secret("http://films.example"));
  CHECK_FALSE(keeps_a_secret("http://localhost.evil.example"));
  CHECK_FALSE(keeps_a_secret("http://127.0.0.1@evil.example"));
  CHECK_FALSE(keeps_a_secret("http://127.0.0.1.evil.example"));
}

TEST_CASE("options that contradict each other, or are not enough, are usage") {
  Globals globals;
  globals.url = "https://films.example";
  CHECK(find_endpoint(globals).error().code == ExitCode::usage);
  globals.token_file = "/nowhere/token";
  CHECK(find_endpoint(globals).error().code == ExitCode::usage);
  globals.socket = "/x";
  CHECK(find_endpoint(globals).error().code == ExitCode::usage);
  Globals no_socket;
  no_socket.socket = "/nowhere/at/all/admin.sock";
  CHECK(find_endpoint(no_socket).error().code == ExitCode::unreachable);
}

TEST_CASE("where no daemon is found, it is said where it was looked for and how to start one") {
  const support::TemporaryDirectory folder;
  Globals globals;
  globals.config = folder.write("carrel.toml", "[data]\ndir = \"" + folder.path().string() + "\"\n");
  const auto found = find_endpoint(globals);
  REQUIRE(found.has_error());
  CHECK(found.error().code == ExitCode::unreachable);
  for (const std::string& part : {folder.path().string(), std::string("systemctl start carreld"),
                                  std::string("scripts/up"), std::string("--socket")}) {
    CAPTURE(part);
    CHECK((found.error().message + found.error().remedy).find(part) != std::string::npos);
  }
  CHECK(found.error().message.find('\n') == std::string::npos);
}
