#include "orchestrator/backup/bundle.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::backup;

namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class Memory final : public Writer {
 public:
  Result<void> write(std::string_view bytes) override {
    all += bytes;
    return {};
  }
  Result<void> finish() override { return {}; }
  std::string all;
};

struct Made {
  support::TemporaryDirectory folder;
  Manifest manifest;
  std::vector<Source> sources;
  Made() {
    // More than a piece, and no whole number of blocks.
    sources.push_back({"carrel.db", folder.write("db", std::string(200'001, 'd')), false});
    sources.push_back({"settings/1-carrel.toml", folder.write("carrel.toml", "[pool]\nsize = 1\n"), true});
    sources.push_back({"settings/2-empty", folder.write("empty", ""), true});
    manifest.made_at = 1'800'000'000;
    manifest.version = "0.1.0";
  }
  std::string bytes() {
    Memory memory;
    write_bundle(memory, manifest, sources).value();
    return memory.all;
  }
};

}  // namespace

TEST_CASE("what goes in comes out, and goes nowhere by itself") {
  Made made;
  const std::string bytes = made.bytes();
  const auto reader = read_memory(bytes);
  const fs::path out = made.folder.path() / "out";
  const auto manifest = unpack_bundle(*reader, out);
  REQUIRE_MESSAGE(manifest.has_value(), manifest.error().message);
  CHECK(*manifest == made.manifest);
  CHECK(content(out / "carrel.db") == std::string(200'001, 'd'));
  CHECK(content(out / "settings/1-carrel.toml") == "[pool]\nsize = 1\n");
  CHECK(manifest->parts[0].origin.empty());
  CHECK(manifest->parts[1].origin == (made.folder.path() / "carrel.toml").string());
  CHECK(manifest->parts[0].user.empty());
  const passwd* ours = ::getpwuid(::geteuid());
  if (ours != nullptr) CHECK(manifest->parts[1].user == ours->pw_name);
  CHECK_FALSE(manifest->parts[1].group.empty());
  struct stat status {};
  REQUIRE(::stat((out / "carrel.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("each byte counts, and so does each that is missing") {
  Made made;
  const std::string bytes = made.bytes();
  // Each block once, at a place that wanders within it.
  for (std::size_t at = 0; at < bytes.size(); at += 509) {
    std::string bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    const auto reader = read_memory(bad);
    const auto read = read_bundle(*reader);
    // Padding within a head's unused end is all that may differ.
    if (read.has_value()) CHECK_MESSAGE(*read == made.manifest, at);
  }
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{511}, std::size_t{512}, bytes.size() / 2, bytes.size() - 1}) {
    const auto reader = read_memory(std::string_view(bytes).substr(0, size));
    CHECK(read_bundle(*reader).has_error());
  }
  const std::string longer = bytes + '\0';
  const auto reader = read_memory(longer);
  CHECK(read_bundle(*reader).has_error());
}

TEST_CASE("a changed byte of the database is found by its checksum") {
  Made made;
  std::string bytes = made.bytes();
  bytes[bytes.find("ddddd") + 100'000] = 'e';
  const auto reader = read_memory(bytes);
  const auto read = read_bundle(*reader);
  REQUIRE(read.has_error());
  CHECK(read.error().message.find("carrel.db is not what it was") != std::string::npos);
}

TEST_CASE("sealed, it says nothing without the passphrase, and cut off it is no backup") {
  Made made;
  const fs::path file = made.folder.path() / "sealed";
  auto writer = write_file(file, "under the bed").value();
  write_bundle(*writer, made.manifest, made.sources).value();
  CHECK(content(file).find("pool") == std::string::npos);
  CHECK(is_sealed(file).value());
  CHECK(read_bundle(*read_file(file, "under the bed").value()).value() == made.manifest);
  CHECK(read_file(file, {}).error().kind == ErrorKind::forbidden);
  CHECK(read_bundle(*read_file(file, "above the bed").value()).error().kind == ErrorKind::forbidden);
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK(read_bundle(*read_file(file, "under the bed").value()).has_error());
}

TEST_CASE("a file that is there is not overwritten") {
  const support::TemporaryDirectory folder;
  const fs::path file = folder.write("mine", "old");
  CHECK(write_file(file, {}).has_error());
  CHECK(content(file) == "old");
}
