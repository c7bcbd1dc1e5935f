#include <doctest/doctest.h>

#include <string>

#include "streamer/protocol/plays.hpp"
#include "streamer/respond/respond.hpp"
#include "streamer/serve/hevc_marks.hpp"
#include "tests/unit/streamer/rendered.hpp"
#include "tests/unit/streamer/test_fds.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

std::string box(const std::string& type, const std::string& content) {
  const std::size_t size = content.size() + 8;
  std::string made;
  for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>(size >> shift & 0xff);
  return made + type + content;
}

std::string hvcc(const std::string& types) {
  std::string config(22, '\1');
  config += static_cast<char>(types.size());
  for (const char type : types) config += std::string(1, type) + std::string("\0\1\0\1x", 5);
  return box("hvcC", config);
}

std::string film(const std::string& entries) {
  std::string stbl = box("stbl", box("stsd", std::string(8, '\0') + entries));
  return box("ftyp", "iso6") + box("mdat", "hev1hev1") +
         box("moov", box("mvhd", "x") + box("trak", box("mdia", box("minf", stbl))));
}

std::string entry(const std::string& type, const std::string& config) {
  return box(type, std::string(78, '\0') + config);
}

std::vector<std::uint64_t> marks_of(const std::string& bytes) {
  const UniqueFd file = test::film_with(bytes);
  return hevc_marks(file.get(), bytes.size());
}

const std::string kComplete = hvcc("\x20\x21\x22");

}  // namespace

TEST_CASE("hev1 is found where its parameter sets are beside it") {
  const std::string whole = film(entry("hev1", kComplete) + entry("avc1", "") + entry("hev1", kComplete));
  const auto marks = marks_of(whole);
  REQUIRE(marks.size() == 2);
  CHECK(marks[0] == whole.find("hev1", whole.find("stsd")));
  CHECK(whole.substr(marks[1], 4) == "hev1");
  CHECK(marks_of(film(entry("hvc1", kComplete))).empty());
  CHECK(marks_of(film(entry("hev1", hvcc("\x20\x21")))).empty());
  CHECK(marks_of(film(entry("hev1", ""))).empty());
}

TEST_CASE("what is no MP4, or is cut anywhere, is looked at and left alone") {
  const std::string whole = film(entry("hev1", kComplete));
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(marks_of(whole.substr(0, length)).size() <= 1);
  CHECK(marks_of(std::string(1000, '\xff')).empty());
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += box("free", "");
  CHECK(marks_of(endless + whole).empty());
  CHECK(marks_of(box("wide", "") + whole).size() == 1);
}

TEST_CASE("the original with hvc1 is as long, has a tag of its own, and differs in these letters alone") {
  const std::string whole = film(entry("hev1", kComplete));
  const auto marks = marks_of(whole);
  protocol::Serve request;
  request.content_type = "video/mp4";
  const FilmFacts facts{whole.size(), 5, 3};
  const std::string exact = test::rendered(plan_original(request, facts).pieces, whole);
  const std::string marked = test::rendered(plan_original(request, facts, marks).pieces, whole);
  CHECK(exact.ends_with(whole));
  std::string expected = whole;
  expected.replace(marks.at(0), 4, "hvc1");
  CHECK(marked.ends_with(expected));
  CHECK(exact.find("-hvc1\"") == std::string::npos);
  CHECK(marked.find("-hvc1\"") != std::string::npos);
}
