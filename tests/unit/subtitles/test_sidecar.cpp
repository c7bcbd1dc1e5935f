#include <doctest/doctest.h>

#include "streamer/subtitles/kind.hpp"
#include "streamer/subtitles/pgs.hpp"
#include "streamer/subtitles/sidecar.hpp"
#include "streamer/subtitles/vobsub.hpp"

using namespace carrel::streamer;
using namespace carrel::streamer::subtitles;

namespace {

std::vector<FilmIndex::Track> tracks(std::string extension, std::string bytes, std::string sub = {}) {
  return tracks_of({std::move(extension), "en", "Title", true, false, std::move(bytes), std::move(sub)},
                   1'000'000);
}

}  // namespace

TEST_CASE("files of text become tracks of cues") {
  const auto found = tracks("srt", "1\n00:00:02,000 --> 00:00:03,000\nr\xe9sum\xe9\n");
  REQUIRE(found.size() == 1);
  const TrackInfo& info = found[0].info;
  CHECK(info.kind == MediaKind::subtitle);
  CHECK(info.use == TrackUse::cues);
  CHECK(info.external);
  CHECK(info.forced);
  CHECK(info.language == "en");
  CHECK(info.title == "Title");
  CHECK(info.codec_string == kSubRip);
  REQUIRE(found[0].cues.size() == 1);
  CHECK(found[0].cues[0].start_us == 1'000'000);
  CHECK(found[0].cues[0].text == "résumé");
  CHECK(found[0].document.empty());
}

TEST_CASE("content decides, not the extension") {
  CHECK(tracks("srt", "WEBVTT\n\n00:02.000 --> 00:03.000\na\n").at(0).info.codec_string == kWebVtt);
  const auto ass =
      tracks("srt", "[Script Info]\n[Events]\nDialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,a\n");
  REQUIRE(ass.size() == 1);
  CHECK(ass[0].info.codec_string == kAss);
  CHECK(ass[0].literals.find("0:00:01.00,0:00:02.00") != std::string::npos);
  CHECK(document_kind(ass[0].info) == "ass");
}

TEST_CASE("files that are no subtitles give no track") {
  CHECK(tracks("srt", "").empty());
  CHECK(tracks("ass", "[Script Info]\n").empty());
  CHECK(tracks("sup", "not a sup").empty());
  CHECK(tracks("idx", "id: en\n", "").empty());
  CHECK(tracks("vtt", std::string(100'000, '\0')).empty());
}

TEST_CASE("files of pictures") {
  const auto sup = tracks("sup", sup_header(2'000'000) + std::string("\x80\0\0", 3));
  REQUIRE(sup.size() == 1);
  CHECK(sup[0].info.use == TrackUse::pictures);
  CHECK(sup[0].literals == sup_header(1'000'000) + std::string("\x80\0\0", 3));

  const std::string picture("\0\4ab", 4);
  std::string sub;
  for (const VobSubPart& part : vobsub_packs(picture.size(), 2'000'000))
    sub += part.made + picture.substr(part.picture_offset, part.picture_bytes);
  const auto vobsub =
      tracks("idx", "size: 720x576\nid: de, index: 0\ntimestamp: 00:00:02:000, filepos: 0\n", sub);
  REQUIRE(vobsub.size() == 1);
  CHECK(document_kind(vobsub[0].info) == "vobsub");
  CHECK(vobsub[0].info.config.find("timestamp: 00:00:01:000, filepos: 000000000") != std::string::npos);
  CHECK(vobsub[0].literals.size() == kPackBytes);
}
