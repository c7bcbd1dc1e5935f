#include "orchestrator/http/socket_file.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using http::bind_socket_file;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("the socket and the directory made for it are private, and the file goes with the value") {
  const support::TemporaryDirectory directory;
  const fs::path path = directory.path() / "made" / "admin.sock";
  {
    const auto bound = bind_socket_file(path);
    REQUIRE(bound.has_value());
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path.parent_path()) == 0700);
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a directory that was there keeps its mode") {
  const support::TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  const auto bound = bind_socket_file(directory.path() / "admin.sock");
  REQUIRE(bound.has_value());
  CHECK(mode_of(directory.path()) == 0755);
}

TEST_CASE("a socket that nobody listens at is replaced, one that is in use is not") {
  const support::TemporaryDirectory directory;
  const fs::path path = directory.path() / "admin.sock";
  auto first = bind_socket_file(path);
  REQUIRE(first.has_value());
  const auto second = bind_socket_file(path);
  REQUIRE(second.has_error());
  CHECK(second.error().kind == ErrorKind::conflict);
  CHECK(second.error().message.find("another program listens") != std::string::npos);
  first->listener.reset();  // as a killed daemon leaves it
  CHECK(fs::exists(path));
  CHECK(bind_socket_file(path).has_value());
}

TEST_CASE("a newer socket of the same name is left alone") {
  const support::TemporaryDirectory directory;
  const fs::path path = directory.path() / "admin.sock";
  auto first = bind_socket_file(path);
  REQUIRE(first.has_value());
  fs::rename(path, directory.path() / "old.sock");
  const auto second = bind_socket_file(path);
  REQUIRE(second.has_value());
  {
    const http::SocketFile gone = std::move(first->file);
  }
  CHECK(fs::exists(path));
}

TEST_CASE("what is no socket is not removed") {
  const support::TemporaryDirectory directory;
  const fs::path path = directory.path() / "admin.sock";
  std::ofstream(path) << "precious";
  const auto bound = bind_socket_file(path);
  REQUIRE(bound.has_error());
  CHECK(bound.error().kind == ErrorKind::conflict);
  CHECK(fs::file_size(path) == 8);
}

TEST_CASE("a path may be longer than the address of a socket") {
  const support::TemporaryDirectory directory;
  const fs::path folder = directory.path() / std::string(120, 'd');
  const auto bound = bind_socket_file(folder / "admin.sock");
  REQUIRE(bound.has_value());
  CHECK(fs::is_socket(folder / "admin.sock"));
}
