#include "hwtune/cli/files.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/unique_fd.hpp"

using namespace carrel;
namespace cli = hwtune::cli;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "carrel-files-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] long count() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string content_of(const std::string& path) {
  const auto content = cli::read_file(path);
  REQUIRE(content.has_value());
  return *content;
}

}  // namespace

TEST_CASE("a file is replaced, readable by everybody, and nothing is left beside it") {
  const Folder folder;
  const std::string path = folder.at("plan");
  REQUIRE(cli::write_file(path, "first\n").has_value());
  const fs::path other = folder.at("other");
  fs::create_hard_link(path, other);
  REQUIRE(cli::can_write(path).has_value());
  REQUIRE(cli::write_file(path, "second\n").has_value());
  CHECK(content_of(path) == "second\n");
  CHECK(content_of(other) == "first\n");
  CHECK(fs::status(path).permissions() == fs::perms(0644));
  CHECK(folder.count() == 2);
}

TEST_CASE("a link stays, and what it leads to is written, whether it is there or not") {
  const Folder folder;
  fs::create_directory(folder.at("real"));
  fs::create_symlink("real/plan", folder.at("near"));
  fs::create_symlink(folder.at("near"), folder.at("far"));
  for (const std::string content : {"first\n", "second\n"}) {
    REQUIRE(cli::can_write(folder.at("far")).has_value());
    REQUIRE(cli::write_file(folder.at("far"), content).has_value());
    CHECK(content_of(folder.at("real/plan")) == content);
    CHECK(fs::is_symlink(folder.at("near")));
    CHECK(fs::is_symlink(folder.at("far")));
    CHECK_FALSE(fs::is_symlink(folder.at("real/plan")));
  }
  CHECK(folder.count() == 3);
}

TEST_CASE("a pipe is written into and stays; one that nobody reads, and a folder, are errors") {
  const Folder folder;
  const std::string path = folder.at("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(cli::write_file(path, "text\n").has_error());
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reader);
  REQUIRE(cli::write_file(path, "text\n").has_value());
  std::array<char, 16> read{};
  CHECK(::read(reader.get(), read.data(), read.size()) == 5);
  CHECK(std::string(read.data()) == "text\n");
  CHECK(fs::is_fifo(path));
  CHECK(fs::status(path).permissions() == fs::perms(0600));
  CHECK(cli::write_file(folder.at("."), "text\n").has_error());
  CHECK(cli::can_write(folder.at(".")).has_error());
}

TEST_CASE("whether there is a place is known beforehand") {
  const Folder folder;
  CHECK(cli::can_write(folder.at("none/plan")).error().message.find("make a file beside") == 0);
  CHECK(cli::can_write(folder.at("plan")).has_value());
  CHECK(folder.count() == 0);
}
