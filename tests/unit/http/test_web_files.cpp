#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "orchestrator/http/web_files.hpp"

using namespace carrel::http;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "carrel-web-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("a folder without a page says how to build one") {
  const Folder folder;
  const auto files = WebFiles::load(folder.path());
  REQUIRE(files.has_error());
  CHECK(files.error().message.find("scripts/up") != std::string::npos);
  CHECK(WebFiles::load(folder.path() / "absent").has_error());
}

TEST_CASE("files come in the best encoding that is accepted, and only by their own names") {
  const Folder folder;
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
