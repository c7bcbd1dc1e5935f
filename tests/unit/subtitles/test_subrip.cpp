#include <doctest/doctest.h>

#include "streamer/subtitles/subrip.hpp"
#include "streamer/subtitles/timestamp.hpp"

using namespace carrel::streamer::subtitles;

TEST_CASE("a tidy file") {
  const auto cues = parse_subrip(
      "1\r\n00:00:01,500 --> 00:00:03,000\r\nHello,\r\nworld\r\n\r\n"
      "2\r\n01:00:00,000 --> 01:00:02,250 X1:1 X2:2\r\n<i>Second</i>\r\n\r\n");
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].start_us == 1'500'000);
  CHECK(cues[0].end_us == 3'000'000);
  CHECK(cues[0].text == "Hello,\nworld");
  CHECK(cues[1].start_us == 3600'000'000LL);
  CHECK(cues[1].end_us == 3602'250'000LL);
  CHECK(cues[1].text == "<i>Second</i>");
}

TEST_CASE("a file without numbers, blank lines and commas, and with lone CRs") {
  const auto cues = parse_subrip(
      "0:1.5 --> 0:2\rone\r00:00:03.000-->00:00:04.000\rtwo\r\r\rstill two\r7\r5:00,0 -->5:01,0\rthree");
  REQUIRE(cues.size() == 3);
  CHECK(cues[0].text == "one");
  CHECK(cues[0].start_us == 1'500'000);
  CHECK(cues[0].end_us == 2'000'000);
  CHECK(cues[1].text == "two\nstill two");
  CHECK(cues[2].text == "three");
  CHECK(cues[2].start_us == 300'000'000);
}

TEST_CASE("numbers that are text stay, those that are numbers go") {
  const auto cues = parse_subrip("1\n0:00:01,0 --> 0:00:02,0\n42\n\n2\n0:00:03,0 --> 0:00:04,0\n1984\n");
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].text == "42");
  CHECK(cues[1].text == "1984");
}

TEST_CASE("times before zero are times") {
  const auto cues = parse_subrip(
      "1\n0:00:01,0 --> 0:00:02,0\none\n\n2\n-00:00:01,000 --> 00:00:02,500\ntwo\n\n"
      "3\n-0:00:02,5 --> -0:00:01,0\nthree\n");
  REQUIRE(cues.size() == 3);
  CHECK(cues[0].text == "one");
  CHECK(cues[1].text == "two");
  CHECK(cues[1].start_us == -1'000'000);
  CHECK(cues[1].end_us == 2'500'000);
  CHECK(cues[2].start_us == -2'500'000);
  CHECK(cues[2].end_us == -1'000'000);
}

TEST_CASE("markup") {
  const auto text = [](std::string_view found) { return subrip_payload(found).first; };
  CHECK(text("<B>a</B><u>b</u> <s>c</s>") == "<b>a</b><u>b</u> c");
  CHECK(text("<font color=\"#FFFF00\" size=12>y <font color=red>r</font> y</font> n") ==
        "<c.yellow>y</c> <c.red>r</c> <c.yellow>y</c> n");
  CHECK(text("one<br/>two") == "one\ntwo");
  CHECK(text("I <3 you & 1 < 2 <unknown>") == "I &lt;3 you &amp; 1 &lt; 2 &lt;unknown&gt;");
  CHECK(text("<i>never closed") == "<i>never closed</i>");
  CHECK(text("</i>never opened") == "never opened");
  CHECK(text("{\\i1}it{\\i0} {i}it{/i} {note} {\\pos(1,2)}x") == "<i>it it</i> {note} x");
  CHECK(text("a --> b") == "a --&gt; b");
}

TEST_CASE("places") {
  const auto settings = [](std::string_view found) { return subrip_payload(found).second; };
  CHECK(settings("plain").empty());
  CHECK(settings("{\\an8}top") == "line:0");
  CHECK(settings("{\\an1}left") == "position:5% align:left");
  CHECK(settings("{\\an9}corner") == "line:0 position:95% align:right");
  CHECK(settings("{\\an5}middle") == "line:47%");
}

TEST_CASE("times") {
  const auto time = [](std::string_view text) { return take_time(text).value_or(-1); };
  CHECK(time("-1:02:03,456") == -3723'456'000LL);
  CHECK(time("--1:02:03,456") == -1);
  CHECK(time("1:02:03,456") == 3723'456'000LL);
  CHECK(time("02:03.4") == 123'400'000);
  CHECK(time("00:00:01:500") == 1'500'000);
  CHECK(time("00:01:500") == 1'500'000);
  CHECK(time("1") == -1);
  CHECK(time("") == -1);
  CHECK(time("99999999999:00:00,000") == -1);
  CHECK(vtt_time(3723'456'499) == "01:02:03.456");
  CHECK(vtt_time(360'000'000'000'000) == "100000:00:00.000");
  CHECK(ass_time(1'995'000) == "0:00:02.00");
}
