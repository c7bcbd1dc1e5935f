#include "orchestrator/cli/backups/named_files.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::backups;
namespace fs = std::filesystem;

TEST_CASE("files that have the values of settings are found in the .env and in the environment") {
  const support::TemporaryDirectory folder;
  config::LoadInputs inputs;
  CHECK(value_files(inputs).empty());
  inputs.env_file =
      folder.write(".env",
                   "export CARREL_ADMIN_PASSWORD_FILE='/etc/a pw' # why\n"
                   "CARREL_POOL_SIZE=0\nDB_PASSWORD_FILE=/etc/other\nCARREL_NO_KEY_FILE=/etc/none\n"
                   "CARREL_LOG_SANDBOX_FILES=true\nCARREL_ADMIN_USER_FILE=\n");
  inputs.environment = {{"CARREL_DATA_DIR_FILE", "below/dir"}, {"CARREL_DATA_DIR", "/srv"}};
  const auto files = value_files(inputs);
  REQUIRE(files.size() == 2);
  CHECK(files[0].variable == "CARREL_ADMIN_PASSWORD");
  CHECK(files[0].path == "/etc/a pw");
  CHECK_FALSE(files[0].of_environment);
  CHECK(files[1].variable == "CARREL_DATA_DIR");
  CHECK(files[1].path == fs::current_path() / "below/dir");
  CHECK(files[1].of_environment);
}

TEST_CASE("a .env that cannot be read names nothing") {
  config::LoadInputs inputs;
  inputs.env_file = "/nowhere/.env";
  CHECK(value_files(inputs).empty());
}

TEST_CASE("of the keys, certificate, key and plan name files") {
  config::Config config;
  CHECK(files_of_keys(config).empty());
  config.http.tls_certificate = "/etc/c.pem";
  config.http.tls_key = "/etc/k.pem";
  config.admission.plan = "/etc/plan.toml";
  CHECK(files_of_keys(config).size() == 3);
}
