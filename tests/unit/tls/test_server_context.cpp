#include <doctest/doctest.h>

#include <ctime>
#include <fstream>

#include "certificate.hpp"
#include "orchestrator/lib/openssl/server_context.hpp"
#include "tests/support/temporary_directory.hpp"

using carrel::openssl::ServerContext;
using carrel::support::TemporaryDirectory;
using carrel::test::write_certificate;

TEST_CASE("a certificate tells whose it is and when it ends") {
  const TemporaryDirectory folder;
  write_certificate(folder.path() / "a.pem", folder.path() / "a.key");
  const auto loaded = ServerContext::load(folder.path() / "a.pem", folder.path() / "a.key");
  REQUIRE(loaded.has_value());
  CHECK((*loaded)->subject().find("carrel.test") != std::string::npos);
  CHECK((*loaded)->expires() > std::time(nullptr));
  CHECK((*loaded)->expires() <= std::time(nullptr) + 3600);
}

TEST_CASE("what cannot be used is refused with the setting's name") {
  const TemporaryDirectory folder;
  write_certificate(folder.path() / "a.pem", folder.path() / "a.key");
  write_certificate(folder.path() / "b.pem", folder.path() / "b.key");
  std::ofstream(folder.path() / "garbage") << "-----BEGIN CERTIFICATE-----\nnothing\n";
  const auto refused = [&](const char* certificate, const char* key) {
    const auto loaded = ServerContext::load(folder.path() / certificate, folder.path() / key);
    REQUIRE(loaded.has_error());
    return loaded.error().message;
  };
  CHECK(refused("none.pem", "a.key").find("http.tls_certificate") != std::string::npos);
  CHECK(refused("garbage", "a.key").find("http.tls_certificate") != std::string::npos);
  CHECK(refused("a.pem", "none.key").find("http.tls_key") != std::string::npos);
  CHECK(refused("a.pem", "garbage").find("http.tls_key") != std::string::npos);
  CHECK(refused("a.pem", "b.key").find("http.tls_key") != std::string::npos);
  write_certificate(folder.path() / "c.pem", folder.path() / "c.key", "secret");
  CHECK(refused("c.pem", "c.key").find("c.key has a passphrase") != std::string::npos);
}
