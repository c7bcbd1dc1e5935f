#include "orchestrator/backup/manifest.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace carrel;
using namespace carrel::backup;

namespace {

const std::string kSum(64, 'a');

std::string with_part(const std::string& name, const std::string& origin, const std::string& sum = kSum) {
  return R"({"form":1,"made_at":1,"parts":[{"name":")" + name + R"(","origin":")" + origin +
         R"(","size":1,"mode":384,"sha256":")" + sum + R"("}]})";
}

}  // namespace

TEST_CASE("a manifest says again what it was made of") {
  Manifest manifest{1'800'000'000,
                    "0.1.0",
                    "film-box",
                    {{"carrel.db", "", 4096, kSum, 0600},
                     {"settings/1-a.toml", "/etc/carrel/a.toml", 7, kSum, 0640, "root", "carrel"}},
                    {{"carrel-streamer", "sha256:1"}, {"carrel-converter", ""}}};
  const auto again = parse_manifest(to_json(manifest));
  REQUIRE(again.has_value());
  CHECK(*again == manifest);
}

TEST_CASE("a letter of a manifest that changed is found, and one without a sum is an earlier Carrel's") {
  Manifest manifest;
  manifest.host = "film-box";
  manifest.parts = {{"settings/1-a.toml", "/etc/carrel/a.toml", 7, kSum, 0640, "root", "carrel"}};
  const std::string good = to_json(manifest);
  for (const char* word : {"film-box", "/etc/carrel/a", "416", "root", "\"user\""}) {
    CAPTURE(word);
    std::string bad = good;
    bad[bad.find(word) + 2] = '7';
    CHECK(parse_manifest(bad).has_error());
  }
  const auto at = good.rfind("\"sha256\"");
  REQUIRE(at != std::string::npos);
  std::string earlier = good;
  earlier.replace(at, 8, "\"other\"");
  CHECK(parse_manifest(earlier).has_value());
}

TEST_CASE("names and paths that lead elsewhere are refused") {
  CHECK(parse_manifest(with_part("settings/1-a", "/etc/a")).has_value());
  for (const char* name : {"../a", "a/../b", "/a", "a//b", "a/", "", "a b", "manifest.json", "a\\\\b"}) {
    CHECK_MESSAGE(parse_manifest(with_part(name, "/etc/a")).has_error(), name);
  }
  for (const char* origin : {"etc/a", "/etc/../root/a", "/etc/.."}) {
    CHECK_MESSAGE(parse_manifest(with_part("a", origin)).has_error(), origin);
  }
  CHECK(parse_manifest(with_part("a", "", "short")).has_error());
}

TEST_CASE("what is no manifest is refused, and a newer one says so") {
  for (const char* text :
       {"", "[]", "{}", R"({"form":1})", R"({"form":1,"parts":[7]})", "{\"form\":1,\"parts\":"}) {
    CHECK_MESSAGE(parse_manifest(text).has_error(), text);
  }
  CHECK(parse_manifest(R"({"form":2,"parts":[]})").error().kind == ErrorKind::conflict);
}

TEST_CASE("a thousand settings have room, and what has none is counted") {
  const auto with_parts = [](std::size_t count) {
    Manifest manifest;
    for (std::size_t i = 0; i < count; ++i) {
      manifest.parts.push_back({"settings/" + std::to_string(i), "/etc/carrel/a", 1, kSum, 0600});
    }
    return parse_manifest(to_json(manifest));
  };
  CHECK(with_parts(1001).has_value());
  const auto refused = with_parts(1025);
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("1025 parts") != std::string::npos);
}

TEST_CASE("two parts of one name are refused") {
  const std::string part = R"({"name":"a","sha256":")" + kSum + R"("})";
  CHECK(parse_manifest(R"({"form":1,"parts":[)" + part + "]}").has_value());
  CHECK(parse_manifest(R"({"form":1,"parts":[)" + part + "," + part + "]}").has_error());
}
