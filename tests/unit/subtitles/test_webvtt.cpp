#include <doctest/doctest.h>

#include "streamer/subtitles/webvtt.hpp"

using namespace carrel::streamer::subtitles;

TEST_CASE("a file with everything that WebVTT has") {
  const auto cues = parse_webvtt(
      "WEBVTT - title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n"
      "STYLE\n::cue { color: red }\n\nREGION\nid:fred\n\nNOTE a comment\nof two lines\n\n"
      "intro\n00:01.000 --> 00:02.000 align:start line:10% region:fred evil:1\n<v Anna>Hi &amp; bye</v>\n\n"
      "01:00:00.000 --> 01:00:01.000\n<c.yellow>one</c>\ntwo\n");
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].start_us == 1'000'000);
  CHECK(cues[0].settings == "align:start line:10%");
  CHECK(cues[0].text == "<v Anna>Hi &amp; bye</v>");
  CHECK(cues[1].start_us == 3600'000'000LL);
  CHECK(cues[1].text == "<c.yellow>one</c>\ntwo");
}

TEST_CASE("what is no markup of WebVTT is text") {
  CHECK(clean_payload("a < b & c &nbsp; &#39; d") == "a &lt; b &amp; c &nbsp; &#39; d");
  CHECK(clean_payload("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;");
  CHECK(clean_payload("one <00:00:01.000>two") == "one two");
  CHECK(clean_payload("a\n\n\nb") == "a\nb");
  CHECK(clean_payload("<ruby>x<rt>y</rt></ruby> <lang en-GB>z</lang>") ==
        "<ruby>x<rt>y</rt></ruby> <lang en-GB>z</lang>");
  for (const char* arrow : {"-->", "<b-->", "<v a-->", "--<v x>-->", "<v --\n>", "</ -->"})
    CHECK(clean_payload(arrow).find("-->") == std::string::npos);
}

TEST_CASE("settings") {
  CHECK(clean_settings(" line:0  position:20%,line-left align:left ") ==
        "line:0 position:20%,line-left align:left");
  CHECK(clean_settings("line:--> size:50%") == "size:50%");
  CHECK(clean_settings("line:<b> x").empty());
}

TEST_CASE("a file without its blank lines") {
  const auto cues = parse_webvtt("WEBVTT\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo");
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].text == "one");
  CHECK(cues[1].text == "two");
}
