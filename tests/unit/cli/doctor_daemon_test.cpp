#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "orchestrator/cli/doctor/as_owner.hpp"
#include "orchestrator/cli/doctor/doctor.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::doctor;
using carrel::cli::backups::Owner;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr Owner kSomebody{12345, 12346};  // whom no machine knows

}  // namespace

TEST_CASE("a renewed certificate that the daemon has not read is told of") {
  const auto unread = judge_certificate(kNow + 90 * kDay, kNow + 30 * kDay, kNow);
  CHECK(unread.state == kWarning);
  CHECK(unread.detail.find("renewed") != std::string::npos);
  CHECK(unread.remedy == "systemctl kill -s HUP carreld");
  CHECK(judge_certificate(kNow + 90 * kDay, kNow - 1, kNow).state == kFailed);
  CHECK(judge_certificate(kNow + 90 * kDay, kNow + 90 * kDay, kNow).state == kOk);
  CHECK(judge_certificate(kNow + 20 * kDay, kNow + 20 * kDay, kNow).state == kWarning);
}

TEST_CASE("the end of the certificate in use is read from the metrics") {
  const std::string name = "carrel_certificate_expiry_timestamp_seconds";
  CHECK(certificate_in_use("# TYPE " + name + " gauge\n" + name + " 1800000000\nother 1\n") == kNow);
  CHECK(certificate_in_use(name + " 1.8e+09\n") == kNow);
  CHECK(certificate_in_use("other 1\n") == 0);
}

TEST_CASE("a running carreld that is not the installed one is told of") {
  CHECK(judge_program("0.2.0", "0.2.0", "/usr/bin/carreld").empty());
  CHECK(judge_program("0.2.0", "0.2.0", "").empty());
  CHECK(judge_program("", "0.2.0", "/usr/bin/carreld").empty());
  const auto older = judge_program("0.1.0", "0.2.0", "/usr/bin/carreld (deleted)");
  REQUIRE(older.size() == 1);
  CHECK(older[0].state == kWarning);
  CHECK(older[0].detail == "the running carreld is 0.1.0, installed is 0.2.0");
  CHECK(older[0].remedy.find("journalctl -u carreld") != std::string::npos);
  CHECK(older[0].remedy.find("systemctl restart carreld") != std::string::npos);
  // Built anew under the same version.
  const auto rebuilt = judge_program("0.2.0", "0.2.0", "/usr/bin/carreld (deleted)");
  REQUIRE(rebuilt.size() == 1);
  CHECK(rebuilt[0].detail == "the running carreld is 0.2.0, installed is another 0.2.0");
}

TEST_CASE("the descriptors of a process are what its limits say") {
  const std::string head = "Limit                     Soft Limit           Hard Limit           Units     \n";
  CHECK(descriptors_in(head +
                       "Max open files            1024                 65536                files     \n") ==
        65536);
  CHECK_FALSE(descriptors_in(head).has_value());
  CHECK_FALSE(descriptors_in("").has_value());
}

TEST_CASE("films and certificates are judged by the rights of whom the data belong to, not by root's") {
  const support::TemporaryDirectory folder;
  config::Config config;
  config.http.tls_certificate = folder.write("certificate.pem", "");
  config.http.tls_key = folder.write("key.pem", "");
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(config.http.tls_key.c_str(), 0644) == 0);
  CHECK(judge_films(folder.path(), kSomebody).state == kOk);
  CHECK(judge_tls_files(config, kSomebody).empty());
  CHECK(judge_films(folder.path() / "gone", kSomebody).state == kFailed);
  // Nobody but root can ask for somebody else.
  if (::geteuid() != 0) return;
  REQUIRE(::chmod(config.http.tls_key.c_str(), 0600) == 0);
  const auto unreadable = judge_tls_files(config, kSomebody);
  REQUIRE(unreadable.size() == 1);
  CHECK(unreadable[0].detail == config.http.tls_key.string() + ": Permission denied");
  REQUIRE(::chmod(folder.path().c_str(), 0754) == 0);
  CHECK(judge_films(folder.path(), kSomebody).detail == "its files cannot be opened");
  REQUIRE(::chmod(folder.path().c_str(), 0750) == 0);
  CHECK(judge_films(folder.path(), kSomebody).detail == "Permission denied");
  REQUIRE(::chown(folder.path().c_str(), 0, kSomebody.group) == 0);
  CHECK(judge_films(folder.path(), kSomebody).state == kOk);
  CHECK(as_owner(kSomebody, [] { return ::geteuid() == 12345 && ::getegid() == 12346 ? 7 : 0; }) == 7);
}
