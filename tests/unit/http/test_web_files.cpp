#include <doctest/doctest.h>

#include <string>

#include "orchestrator/http/web_files.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel::http;

namespace {

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("a folder without a page says how to build one") {
  const carrel::support::TemporaryDirectory folder;
  const auto files = WebFiles::load(folder.path());
  REQUIRE(files.has_error());
  CHECK(files.error().message.find("scripts/up") != std::string::npos);
  CHECK(WebFiles::load(folder.path() / "absent").has_error());
}

TEST_CASE("files come in the best encoding that is accepted, and only by their own names") {
  const carrel::support::TemporaryDirectory folder;
  folder.write("index.html", "page");
  folder.write("assets/a-1.js", "script");
  folder.write("assets/a-1.js.br", "B");
  folder.write("assets/a-1.js.gz", "G");
  const auto files = WebFiles::load(folder.path());
  REQUIRE(files.has_value());

  const auto best = files->get("/assets/a-1.js", "gzip, deflate, br");
  CHECK(*best.body == "B");
  CHECK(header(best, "Content-Encoding") == "br");
  CHECK(header(best, "Cache-Control").find("immutable") != std::string::npos);
  CHECK(best.content_type == "text/javascript; charset=utf-8");
  CHECK(*files->get("/assets/a-1.js", "br;q=0, gzip;q=0.5").body == "G");
  CHECK(*files->get("/assets/a-1.js", "").body == "script");
  CHECK(header(files->get("/index.html", "br"), "Cache-Control") == "no-cache");
  for (const char* path :
       {"/assets", "/assets/", "/../index.html", "/assets/../index.html", "index.html", "/nothing"}) {
    CAPTURE(path);
    CHECK(files->get(path, "").status == 404);
  }
}

TEST_CASE("below a base path the page finds its parts there") {
  const carrel::support::TemporaryDirectory folder;
  folder.write("index.html",
               R"(<html><head><link href="/icon.svg"><script src="/assets/a.js"></head></html>)");
  folder.write("index.html.br", "B");
  folder.write("assets/a.js", R"(src="/")");
  const auto files = WebFiles::load(folder.path(), "/carrel");
  REQUIRE(files.has_value());
  CHECK(*files->get("/index.html", "br").body ==
        R"(<html><head><meta name="carrel-base" content="/carrel" /><link href="/carrel/icon.svg">)"
        R"(<script src="/carrel/assets/a.js"></head></html>)");
  CHECK(*files->get("/assets/a.js", "").body == R"(src="/")");
}
