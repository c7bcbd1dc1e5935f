#include <doctest/doctest.h>

#include "streamer/package/subtitles.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;

namespace {

/// 98 s of picture, cut every 6 s, and subtitles.
FilmIndex subtitled() {
  FilmIndex film = small_film();
  film.duration_us = 101'000'000;
  FilmIndex::Track& picture = film.tracks[0];
  picture.segments.clear();
  picture.samples = run_of(2450, 3600, 150, 10);
  picture.info.timescale = 90'000;
  for (std::uint32_t first = 0; first < 2450; first += 150) {
    const std::uint32_t count = std::min<std::uint32_t>(150, 2450 - first);
    picture.segments.push_back({first, count, std::uint64_t{first} * 3600, std::uint64_t{count} * 3600,
                                std::uint64_t{count} * 10, std::uint64_t{count} * 10, 1, 0});
  }
  FilmIndex::Track text;
  text.info.kind = MediaKind::subtitle;
  text.info.use = TrackUse::cues;
  text.info.codec_string = "SubRip";
  text.cues = {{1'000'000, 2'000'000, "one", "line:0"},
               {29'500'000, 31'000'000, "over the cut", ""},
               {36'000'000, 37'000'000, "at no cut", ""},
               {100'500'000, 102'000'000, "after the picture", ""}};
  film.tracks.push_back(text);
  return film;
}

std::string text(const Result<Packaged>& packaged) {
  return text_of(packaged.value().body);
}

}  // namespace

TEST_CASE("spans follow the picture's cuts and reach to the end") {
  const auto view = view_of(subtitled());
  const CuePlan plan = plan_cues(*view);
  CHECK(plan.timescale == 90'000);
  REQUIRE(plan.spans.size() == 3);
  CHECK(plan.spans[0].start == 0);
  CHECK(plan.spans[0].duration == 30 * 90'000);
  CHECK(plan.spans[1].start == 30 * 90'000);
  CHECK(plan.spans[2].start == 60 * 90'000);
  CHECK(plan.spans[2].duration == 41 * 90'000);
  CHECK(text(package_cue_playlist(*view, 2)) ==
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:41\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:"
        "VOD\n"
        "#EXTINF:30.000000000,\n0.vtt\n#EXTINF:30.000000000,\n1.vtt\n#EXTINF:41.000000000,\n2.vtt\n#EXT-X-"
        "ENDLIST\n");
}

TEST_CASE("a cue over a cut is in both segments") {
  const auto view = view_of(subtitled());
  const std::string head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";
  CHECK(text(package_cue_segment(*view, 2, 0)) == head +
                                                      "\n00:00:01.000 --> 00:00:02.000 line:0\none\n"
                                                      "\n00:00:29.500 --> 00:00:31.000\nover the cut\n");
  CHECK(text(package_cue_segment(*view, 2, 1)) == head +
                                                      "\n00:00:29.500 --> 00:00:31.000\nover the cut\n"
                                                      "\n00:00:36.000 --> 00:00:37.000\nat no cut\n");
  CHECK(text(package_cue_segment(*view, 2, 2)) ==
        head + "\n00:01:40.500 --> 00:01:42.000\nafter the picture\n");
  CHECK(package_cue_segment(*view, 2, 3).error().kind == ErrorKind::not_found);
  CHECK(text(package_subtitles(*view, 2)).starts_with("WEBVTT\n\n00:00:01.000"));
}

TEST_CASE("a track that lies cannot break a WebVTT file") {
  FilmIndex film = subtitled();
  film.tracks[2].cues = {{0, 1, "\n\na\n\n\n00:00:00.000 --> 00:00:09.000\nb\r\n\r\n", "line:0\n\nx"}};
  const std::string vtt = text(package_subtitles(*view_of(film), 2));
  CHECK(vtt == "WEBVTT\n\n00:00:00.000 --> 00:00:00.000\na\n00:00:00.000 --&gt; 00:00:09.000\nb\n");
}

TEST_CASE("cues that all have one long text do not become gigabytes") {
  FilmIndex film = subtitled();
  film.tracks[2].cues.assign(1'200, {1'000'000, 2'000'000, std::string(60'000, 'x'), ""});
  const auto view = view_of(film);
  for (const auto& packaged : {package_subtitles(*view, 2), package_cue_segment(*view, 2, 0)}) {
    REQUIRE(packaged.has_error());
    CHECK(packaged.error().kind == ErrorKind::invalid);
    CHECK(packaged.error().message.find("index it again") != std::string::npos);
  }
  CHECK(text(package_cue_segment(*view, 2, 2)).size() < 100);
}

TEST_CASE("tracks that have none of it") {
  FilmIndex film = subtitled();
  const auto view = view_of(film);
  for (const std::uint32_t track : {0U, 1U, 3U, 99U}) {
    CHECK(package_cue_playlist(*view, track).error().kind == ErrorKind::not_found);
    CHECK(package_cue_segment(*view, track, 0).error().kind == ErrorKind::not_found);
    CHECK(package_subtitles(*view, track).error().kind == ErrorKind::not_found);
    CHECK(package_subtitle_document(*view, track).error().kind == ErrorKind::not_found);
    CHECK(package_subtitle_index(*view, track).error().kind == ErrorKind::not_found);
  }
  film.tracks[0].info.use = film.tracks[1].info.use = TrackUse::none;
  film.tracks[0].segments.clear();
  film.tracks[1].segments.clear();
  film.tracks[0].samples.clear();
  film.tracks[1].samples.clear();
  CHECK(package_cue_playlist(*view_of(film), 2).error().kind == ErrorKind::not_found);
}

TEST_CASE("documents") {
  FilmIndex film = subtitled();
  film.tracks[2].info.codec_string = "ASS";
  film.tracks[2].literals = "[Script Info]\n";
  film.tracks[2].document = {{kPieceLiteral, 14, 0, 0}, {3, 5, 0, 0}};
  const auto ass = package_subtitle_document(*view_of(film), 2).value();
  CHECK(ass.content_type == "text/x-ssa; charset=utf-8");
  REQUIRE(ass.body.size() == 2);
  CHECK(std::get<MadeBytes>(ass.body[0]) == "[Script Info]\n");
  CHECK(std::get<FilmBytes>(ass.body[1]) == FilmBytes{3, 5});

  film.tracks[2].info.use = TrackUse::pictures;
  film.tracks[2].info.codec_string = "VobSub";
  film.tracks[2].info.config = "# VobSub\n";
  CHECK(package_subtitle_document(*view_of(film), 2).value().content_type == "application/octet-stream");
  CHECK(text(package_subtitle_index(*view_of(film), 2)) == "# VobSub\n");
  CHECK(package_cue_playlist(*view_of(film), 2).error().kind == ErrorKind::not_found);
}

TEST_CASE("a document that repeats its literals is none") {
  FilmIndex film = subtitled();
  film.tracks[2].literals = "[Script Info]\n";
  film.tracks[2].document = {{kPieceLiteral, 14, 0, 0}, {3, 5, 0, 0}, {kPieceLiteral, 14, 0, 0}};
  const auto opened = open_bytes(bytes_of(film));
  REQUIRE(opened.has_error());
  CHECK(opened.error().kind == ErrorKind::invalid);
}

TEST_CASE("chapters") {
  FilmIndex film = subtitled();
  CHECK(text(package_chapters_json(*view_of(film))) == "{\"chapters\":[]}\n");
  film.chapters = {{0, 12'500'000, "One \"and\" \\ <only>"}, {12'500'000, 100'000'000, ""}};
  const auto view = view_of(film);
  CHECK(text(package_chapters_json(*view)) ==
        "{\"chapters\":[{\"start\":0.000000,\"end\":12.500000,\"title\":\"One \\\"and\\\" \\\\ <only>\"},"
        "{\"start\":12.500000,\"end\":100.000000,\"title\":\"\"}]}\n");
  CHECK(text(package_chapters_vtt(*view)) ==
        "WEBVTT\n\n00:00:00.000 --> 00:00:12.500\nOne \"and\" \\ &lt;only&gt;\n\n00:00:12.500 --> "
        "00:01:40.000\n");
}

TEST_CASE("a chapter's title has a bound") {
  FilmIndex film = subtitled();
  film.chapters.assign(100, {0, 12'500'000, std::string(60'000, '"')});
  const auto view = view_of(film);
  CHECK(text(package_chapters_json(*view)).size() < 1'000'000);
  CHECK(text(package_chapters_vtt(*view)).size() < 1'000'000);
}
