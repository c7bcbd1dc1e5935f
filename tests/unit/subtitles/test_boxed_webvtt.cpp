#include <doctest/doctest.h>

#include <string>

#include "streamer/subtitles/boxed_webvtt.hpp"

using namespace carrel::streamer::subtitles;

namespace {

std::string box(std::string_view type, std::string_view body = {}) {
  const std::size_t size = body.size() + 8;
  return std::string{'\0', '\0', static_cast<char>(size >> 8U), static_cast<char>(size)} + std::string(type) +
         std::string(body);
}

}  // namespace

TEST_CASE("the cues of a sample") {
  const std::string first = box("vsid", "1234") + box("iden", "name") + box("sttg", "line:0 region:x") +
                            box("payl", "<b>one</b> & two\n\nthree");
  const auto cues =
      boxed_cues(box("vtta", "a comment") + box("vttc", first) + box("vttc", box("payl", "second")));
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].text == "<b>one</b> &amp; two\nthree");
  CHECK(cues[0].settings == "line:0");
  CHECK(cues[1].text == "second");
  CHECK(boxed_cues(box("vtte")).empty());
  CHECK(boxed_cues(box("vttc", box("iden", "no payload"))).empty());
}

TEST_CASE("samples that are cut short or lie about their boxes") {
  const std::string whole = box("vttc", box("payl", "text"));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(boxed_cues(whole.substr(0, size)).empty());
  CHECK(boxed_cues(std::string(4, '\0') + "vttc" + std::string(8, '\0')).empty());
  CHECK(boxed_cues(box("vttc", std::string("\0\0\1\0payltext", 12))).empty());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += whole;
  CHECK(boxed_cues(many).size() == 64);
}

TEST_CASE("a cue that goes on in the next sample is one") {
  std::vector<TimedText> cues;
  append_boxed(cues, {0, 10, "long", "", 0});
  append_boxed(cues, {10, 20, "long", "", 0});
  append_boxed(cues, {10, 20, "short", "", 0});
  append_boxed(cues, {20, 30, "long", "", 0});
  append_boxed(cues, {31, 40, "long", "", 0});
  append_boxed(cues, {40, 50, "long", "line:0", 0});
  REQUIRE(cues.size() == 4);
  CHECK(cues[0].end_us == 30);
  CHECK(cues[1].text == "short");
  CHECK(cues[2].start_us == 31);
  CHECK(cues[3].settings == "line:0");
}
