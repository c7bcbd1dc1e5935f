#include <doctest/doctest.h>

#include "orchestrator/cli/images/archives.hpp"
#include "orchestrator/cli/images/engine.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::cli::images;

TEST_CASE("an archive's name says which image is in it") {
  const auto archive = archive_of("/usr/share/carrel/images/carrel-streamer-0123456789abcdef.tar");
  REQUIRE(archive.has_value());
  CHECK(archive->image() == "carrel-streamer:0123456789abcdef");
  for (const char* other :
       {"carrel-streamer.tar", "carrel-streamer-0123.tar", "other-streamer-0123456789abcdef.tar",
        "carrel-streamer-0123456789ABCDEF.tar", "carrel-streamer-0123456789abcdef.tar.gz"}) {
    CHECK_FALSE(archive_of(other).has_value());
  }
}

TEST_CASE("a folder without archives says where they come from") {
  const support::TemporaryDirectory folder;
  CHECK(archives_in(folder.path()).error().kind == ErrorKind::not_found);
  folder.write("carrel-streamer-0123456789abcdef.tar", "");
  folder.write("README", "");
  CHECK(archives_in(folder.path()).value().size() == 1);
}

TEST_CASE("the others of a repository are those of other images") {
  const auto list = nlohmann::json::parse(R"([
    {"RepoTags":["carrel-streamer:latest","carrel-streamer:new","carrel-streamer:older"]},
    {"RepoTags":["carrel-streamer:old","mine:kept"]},
    {"RepoTags":null},
    {"RepoTags":["carrel-converter:old"]}, 7])");
  using Tags = std::vector<std::string>;
  CHECK(other_tags(list, "carrel-streamer", "new") == Tags{"carrel-streamer:older", "carrel-streamer:old"});
  CHECK(other_tags(list, "carrel-streamer", "") == Tags{"carrel-streamer:latest", "carrel-streamer:new",
                                                        "carrel-streamer:older", "carrel-streamer:old"});
  CHECK(other_tags(nlohmann::json(), "carrel-streamer", "new").empty());
}
