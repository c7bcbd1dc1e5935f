#include "orchestrator/config/load.hpp"

#include <doctest/doctest.h>
#include <algorithm>

#include "temporary_file.hpp"

using namespace carrel;
using namespace carrel::config;
using test::TemporaryFile;

namespace {

Result<Config> load_toml(const std::string& text) {
  const TemporaryFile file("carrel.toml", text);
  LoadInputs inputs;
  inputs.toml = file.path();
  return load(inputs);
}

Result<Config> load_environment(std::map<std::string, std::string> environment) {
  LoadInputs inputs;
  inputs.environment = std::move(environment);
  return load(inputs);
}

std::string error_of(const Result<Config>& result) {
  REQUIRE(result.has_error());
  CHECK(result.error().kind == ErrorKind::invalid);
  return result.error().message;
}

}  // namespace

TEST_CASE("nothing given is the defaults") {
  const auto config = load({});
  REQUIRE(config.has_value());
  CHECK(config->http.listen == "127.0.0.1:8080");
  CHECK(config->sandbox.memory == 512ULL << 20);
  CHECK(config->sandbox.cpus == 0.5);
}

TEST_CASE("environment over env file over TOML over default") {
  const TemporaryFile toml("carrel.toml", "[sandbox]\nmemory = \"1g\"\npids = 32\n[pool]\nsize = 1\n");
  const TemporaryFile env(".env", "CARREL_POOL_SIZE=2\nCARREL_SANDBOX_PIDS=64\nOTHER=x\n");
  LoadInputs inputs;
  inputs.toml = toml.path();
  inputs.env_file = env.path();
  inputs.environment = {{"CARREL_POOL_SIZE", "3"}};
  const auto config = load(inputs);
  REQUIRE(config.has_value());
  CHECK(config->pool.size == 3);
  CHECK(config->sandbox.pids == 64);
  CHECK(config->sandbox.memory == 1ULL << 30);
  CHECK(config->sandbox.open_files == 256);
}

TEST_CASE("values of every form") {
  const auto config = load_toml(
      "[http]\nlisten = \"[::1]:0\"\nheader_bytes = 8192\nidle_timeout = \"90s\"\n"
      "[library]\npaths = [\"/films\", \"/with:colon\"]\n[sandbox]\ncpus = 2\n[log]\nlevel = \"warn\"\n");
  REQUIRE(config.has_value());
  CHECK(config->http.listen == "[::1]:0");
  CHECK(config->http.header_bytes == 8192);
  CHECK(config->http.idle_timeout == std::chrono::seconds(90));
  CHECK(config->library.paths == std::vector<std::filesystem::path>{"/films", "/with:colon"});
  CHECK(config->sandbox.cpus == 2.0);
  CHECK(config->log.level == "warn");
}

TEST_CASE("paths in a variable are separated by colons") {
  const auto config = load_environment({{"CARREL_LIBRARY_PATHS", ":/films::/more films:"}});
  REQUIRE(config.has_value());
  CHECK(config->library.paths == std::vector<std::filesystem::path>{"/films", "/more films"});
  CHECK(load_environment({{"CARREL_LIBRARY_PATHS", ""}})->library.paths.empty());
}

TEST_CASE("everything wrong is told at once, with file, line and key") {
  const auto message =
      error_of(load_toml("[http]\nlisten = \"nowhere\"\nlisen = 1\n[sandbox]\ncpus = 0\nmemory = "
                         "[\"1g\"]\n[htpp]\nlisten = \"x\"\n"));
  CHECK(message.find("carrel.toml:2: http.listen: \"nowhere\" is not an address and a port") !=
        std::string::npos);
  CHECK(message.find("carrel.toml:3: unknown key \"http.lisen\"; did you mean http.listen?") !=
        std::string::npos);
  CHECK(message.find("carrel.toml:5: sandbox.cpus: \"0\" is not a number from 0.01 to 1024") !=
        std::string::npos);
  CHECK(message.find("carrel.toml:6: sandbox.memory: a list is not allowed here") != std::string::npos);
  CHECK(message.find("carrel.toml:8: unknown key \"htpp.listen\"; did you mean http.listen?") !=
        std::string::npos);
  CHECK(std::count(message.begin(), message.end(), '\n') == 4);
}

TEST_CASE("a key without its section is recognised") {
  CHECK(error_of(load_toml("listen = \"x\"\n")) ==
        "carrel.toml:1: unknown key \"listen\"; did you mean http.listen?");
}

TEST_CASE("ranges hold in every source") {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"CARREL_HTTP_MAX_CONNECTIONS", "0"},
                                                                      {"CARREL_SANDBOX_MEMORY", "1m"},
                                                                      {"CARREL_SANDBOX_CPUS", "nan"},
                                                                      {"CARREL_HTTP_LISTEN", ""},
                                                                      {"CARREL_DATA_DIR", ""},
                                                                      {"CARREL_ADMIN_USER", "a b"},
                                                                      {"CARREL_SANDBOX_IMAGE", "x;y"},
                                                                      {"CARREL_LOG_LEVEL", "loud"},
                                                                      {"CARREL_HTTP_WEB_DIR", "a\nb"}}) {
    CAPTURE(name);
    CHECK(error_of(load_environment({{name, value}})).find("environment: " + name + ": ") == 0);
  }
}

TEST_CASE("values that do not go together are refused") {
  CHECK(error_of(load_environment({{"CARREL_SESSION_IDLE", "2d"}, {"CARREL_SESSION_ABSOLUTE", "1d"}}))
            .find("session.idle (2d) is longer than session.absolute (1d)") == 0);
  CHECK(error_of(load_environment({{"CARREL_SANDBOX_IO_WEIGHT", "9"}}))
            .find("sandbox.io_weight (9) is neither 0 nor from 10 to 1000") == 0);
  CHECK(load_environment({{"CARREL_SANDBOX_IO_WEIGHT", "10"}}).has_value());
  CHECK(error_of(load_environment({{"CARREL_POOL_SIZE", "9"}, {"CARREL_SANDBOX_MAX_TOTAL", "8"}}))
            .find("pool.size (9) is larger") == 0);
}

TEST_CASE("a secret is in no message") {
  for (const std::string secret : {"hunter2", "hunter2\n\n0123456789"}) {
    const auto message = error_of(load_environment({{"CARREL_ADMIN_PASSWORD", secret}}));
    CHECK(message.find("admin.password") != std::string::npos);
    CHECK(message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a named file that is missing is an error") {
  LoadInputs inputs;
  inputs.toml = "/nonexistent/carrel.toml";
  CHECK(error_of(load(inputs)).find("/nonexistent/carrel.toml") != std::string::npos);
}

TEST_CASE("what is unwise is a warning") {
  const TemporaryFile toml("carrel.toml",
                           "[http]\nlisten = \"0.0.0.0:80\"\n[admin]\npassword = \"long enough\"\n");
  LoadInputs inputs;
  inputs.toml = toml.path();
  std::vector<std::string> warnings;
  REQUIRE(load(inputs, &warnings).has_value());
  CHECK(warnings.size() == 1);
  CHECK(warnings[0].find("0.0.0.0:80") != std::string::npos);
  std::filesystem::permissions(toml.path(), std::filesystem::perms(0644));
  warnings.clear();
  REQUIRE(load(inputs, &warnings).has_value());
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("chmod 600") != std::string::npos);
}

TEST_CASE("the process environment is filtered") {
  const char* const variables[] = {"PATH=/bin", "CARREL_POOL_SIZE=1", "CARREL_A=b=c", "CARREL_NONSENSE",
                                   nullptr};
  const auto found = carrel_variables(variables);
  CHECK(found == std::map<std::string, std::string>{{"CARREL_POOL_SIZE", "1"}, {"CARREL_A", "b=c"}});
}
