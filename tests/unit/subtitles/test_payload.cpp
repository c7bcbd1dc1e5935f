#include <doctest/doctest.h>

#include "streamer/subtitles/payload.hpp"
#include "streamer/subtitles/utf8.hpp"

using namespace carrel::streamer::subtitles;

namespace {

std::string payload_of(std::string_view text) {
  Payload payload;
  payload.text(text);
  return payload.finish();
}

}  // namespace

TEST_CASE("text cannot end a cue or begin markup") {
  CHECK(payload_of("a < b && c --> d") == "a &lt; b &amp;&amp; c --&gt; d");
  CHECK(payload_of("one\n\n\n two \r\n\r\nthree\n") == "one\ntwo\nthree");
  CHECK(payload_of("   \n \t \n") == "");
  CHECK(payload_of(std::string_view("a\0b", 3)) == "ab");
}

TEST_CASE("tags are nested whatever the order in which they were switched") {
  Payload payload;
  payload.look({true, false, false, {}});
  payload.text("bold ");
  payload.look({true, true, false, {}});
  payload.text("both");
  payload.look({false, true, false, {}});
  payload.text(" italic");
  payload.look({});
  payload.line();
  payload.text("plain");
  CHECK(payload.finish() == "<b>bold</b> <b><i>both</i></b> <i>italic</i>\nplain");
}

TEST_CASE("what was switched on for nothing leaves no tag") {
  Payload payload;
  payload.look({true, true, true, ink_of("#FFFF00")});
  payload.look({});
  payload.text("plain");
  CHECK(payload.finish() == "plain");
  payload.look({true, false, false, {}});
  CHECK(payload.finish().empty());
}

TEST_CASE("a cue is bounded, and not in the middle of a character") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "€";
  const std::string bounded = payload_of(text);
  CHECK(bounded.size() < kMaxCueText + 64);
  CHECK(is_utf8(bounded));
}

TEST_CASE("colours that WebVTT has classes for") {
  CHECK(ink_of("#ffff00") == "yellow");
  CHECK(ink_of("FF0000") == "red");
  CHECK(ink_of("Cyan") == "cyan");
  CHECK(ink_of("#fffe00").empty());
}

TEST_CASE("UTF-8 is made valid") {
  CHECK(clean_utf8("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(clean_utf8("a\xff\xc3") == "a\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(clean_utf8("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // half a pair of UTF-16
  CHECK(clean_utf8("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");                  // a longer form than needed
  CHECK(clean_utf8("a\x01\x1b"
                   "b\tc") == "ab\tc");
  CHECK(is_utf8("\xf0\x9f\x98\x80"));
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));
}
