#include <doctest/doctest.h>

#include "streamer/subtitles/ass.hpp"
#include "streamer/subtitles/ass_document.hpp"

using namespace carrel::streamer::subtitles;

namespace {

const std::string kHead =
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 1280\nPlayResY: 720\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, Bold, Italic, Underline, Alignment\n"
    "Style: Default,Arial,20,0,0,0,2\nStyle: Sign,Arial,20,-1,0,0,8\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

TimedText convert(std::string_view text, std::string_view style = "Default") {
  AssEvent event;
  event.style = style;
  event.text = text;
  return AssScript(kHead).convert(event);
}

}  // namespace

TEST_CASE("override tags") {
  CHECK(convert("{\\i1}it{\\i0} {\\b1}bold{\\b} {\\u1}under{\\r} plain").text ==
        "<i>it</i> <b>bold</b> <u>under</u> plain");
  CHECK(convert("{\\b700}heavy{\\b400}light").text == "<b>heavy</b>light");
  CHECK(convert("{\\fnArial\\bord2\\blur3\\iclip(1,2)}plain").text == "plain");
  CHECK(convert("one\\Ntwo\\nthree\\hfour").text == "one\ntwo three\u00a0four");
  CHECK(convert("{a comment}shown{\\p1}m 0 0 l 100 0{\\p0} too").text == "shown too");
  CHECK(convert("{\\p1}m 0 0 l 100 0").text.empty());
  CHECK(convert("a { b \\ c & <d>").text == "a { b \\ c &amp; &lt;d&gt;");
  CHECK(convert("\\N\\N").text.empty());
}

TEST_CASE("styles") {
  CHECK(convert("sign", "Sign").text == "<b>sign</b>");
  CHECK(convert("sign", "*Sign").settings == "line:0");
  CHECK(convert("{\\b0}sign{\\r}!", "Sign").text == "sign<b>!</b>");
  CHECK(convert("x", "Missing").text == "x");
}

TEST_CASE("colours that WebVTT has a class for") {
  CHECK(convert("{\\c&H00FFFF&}yellow{\\c} {\\1c&HFF&}red{\\r}!").text ==
        "<c.yellow>yellow</c> <c.red>red</c>!");
  CHECK(convert("{\\c&HFFFFFF&}white{\\c&H000000&}black{\\c&H123456&}other").text == "whiteblackother");
  CHECK(convert("{\\2c&HFF&\\clip(1,2,3,4)\\c&H}plain").text == "plain");
  const AssScript script(
      "[V4+ Styles]\nFormat: Name, PrimaryColour\nStyle: Default,&H00FFFFFF\n"
      "Style: Loud,&H4000FFFF\nStyle: Old,65535\n");
  const auto styled = [&](const char* style, const char* text) {
    AssEvent event;
    event.style = style;
    event.text = text;
    return script.convert(event).text;
  };
  CHECK(styled("Default", "x") == "x");
  CHECK(styled("Loud", "x{\\c&HFFFFFF&}y{\\c}z") == "<c.yellow>x</c>y<c.yellow>z</c>");
  CHECK(styled("Old", "x") == "<c.yellow>x</c>");
}

TEST_CASE("places") {
  CHECK(convert("{\\an7}x").settings == "line:0 position:5% align:left");
  CHECK(convert("{\\a6}x").settings == "line:0");
  CHECK(convert("{\\an8\\pos(640,72)}x").settings == "line:10% position:50%");
  CHECK(convert("{\\pos(320,720)}x").settings == "line:90% position:25%");
  CHECK(convert("{\\move(640,360,1,2)\\an5}x").settings == "line:47% position:50%");
  CHECK(convert("{\\pos(}x{\\pos(nan,1e99)}").settings.find("position:0%") != std::string::npos);
}

TEST_CASE("a whole file, its fields in another order, comments left out") {
  const auto cues = parse_ass(
      "[Script Info]\n[V4 Styles]\nFormat: Name, Alignment\nStyle: Default, 6\n[Events]\n"
      "Format: Start, End, Style, Layer, Text\n"
      "Comment: 0:00:00.00,0:00:01.00,Default,0,no\n"
      "Dialogue: 0:00:01.50,0:00:02.00,Default,3,a, with commas\n"
      "Dialogue: broken\nDialogue: 0:00:01.50,0:00:02.00,Default,1,below\n");
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].text == "a, with commas");
  CHECK(cues[0].start_us == 1'500'000);
  CHECK(cues[0].layer == 3);
  CHECK(cues[0].settings == "line:0");
  const auto placed = place_cues(cues, 0);
  CHECK(placed[0].text == "below");
}

TEST_CASE("Matroska's events become a script again, in their order and moved") {
  const std::vector<AssLine> lines{{2'000'000, 3'000'000, "1,0,Default,,0,0,0,,second"},
                                   {1'000'000, 2'000'000, "0,2,Sign,Bob,1,2,3,fade,first, {\\i1}it\r\n"},
                                   {100'000, 400'000, "2,0,Default,,0,0,0,,over before"},
                                   {1, 2, "too few fields"}};
  const std::string document = ass_document(kHead, lines, 500'000);
  CHECK(document == kHead +
                        "Dialogue: 2,0:00:00.50,0:00:01.50,Sign,Bob,1,2,3,fade,first, {\\i1}it\n"
                        "Dialogue: 0,0:00:01.50,0:00:02.50,Default,,0,0,0,,second\n");
}

TEST_CASE("a file is moved with all else as it was") {
  const std::string moved = shifted_ass(kHead +
                                            "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a, "
                                            "b\nComment: 0,0:00:00.10,0:00:00.20,x,,0,0,0,,c\n",
                                        500'000);
  CHECK(moved == kHead + "Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,a, b\n");
}
