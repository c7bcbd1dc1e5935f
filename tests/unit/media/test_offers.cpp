#include <doctest/doctest.h>

#include "streamer/index/plan.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/protocol/plays.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;
using protocol::Form;
using protocol::Plays;

namespace {

std::string master_text(const FilmIndex& film, std::uint32_t plays = 0) {
  return text_of(package_master({*view_of(film), {}, plays}).value().body);
}

/// Of AC-3 in six channels.
FilmIndex surround_film() {
  FilmIndex film = small_film();
  TrackInfo& sound = film.tracks[1].info;
  sound.codec = Codec::ac3;
  sound.codec_string = "ac-3";
  sound.channels = 6;
  return film;
}

FilmIndex::Track text_track(const char* language, const char* title) {
  FilmIndex::Track text;
  text.info.kind = MediaKind::subtitle;
  text.info.use = TrackUse::cues;
  text.info.language = language;
  text.info.title = title;
  text.cues = {{1'000'000, 2'000'000, "Hello", ""}};
  return text;
}

std::vector<std::string> lines_with(const std::string& text, const std::string& what) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    if (line.find(what) != std::string::npos) lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

/// A picture as a converter makes it: with a file and an index of its own.
Variant variant(const char* name, std::uint32_t width, std::uint32_t height) {
  FilmIndex film = small_film();
  film.tracks.resize(1);
  film.tracks[0].info.width = width;
  film.tracks[0].info.height = height;
  film.film_bytes = 50'000;
  film.film_mtime_ns = height;
  return {name, view_of(film)};
}

}  // namespace

TEST_CASE("sound that not everybody plays is offered as it is, as AAC in six channels and in two") {
  CHECK(master_text(surround_film()) == R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="de",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="6",URI="1/playlist.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac6",NAME="de",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="6",URI="1/aac6/playlist.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac2",NAME="de",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="1/aac2/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS="avc1.64001E,ac-3",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio"
0/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=408371,AVERAGE-BANDWIDTH=408371,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="aac6"
0/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=184496,AVERAGE-BANDWIDTH=184496,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="aac2"
0/playlist.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS="avc1.64001E",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="0/iframes.m3u8"
)");
}

TEST_CASE("sound of one channel has no group of six") {
  FilmIndex film = surround_film();
  film.tracks[1].info.channels = 1;
  const auto media = lines_with(master_text(film), "TYPE=AUDIO");
  REQUIRE(media.size() == 2);
  CHECK(media[1].find("GROUP-ID=\"aac2\"") != std::string::npos);
  CHECK(media[1].find("CHANNELS=\"1\",URI=\"1/aac2/playlist.m3u8\"") != std::string::npos);
}

TEST_CASE("what the client plays decides") {
  const std::uint32_t browser = protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::aac);
  const std::string without = master_text(surround_film(), browser);
  CHECK(lines_with(without, "TYPE=AUDIO").size() == 2);
  CHECK(without.find("ac-3") == std::string::npos);
  CHECK(lines_with(without, "#EXT-X-STREAM-INF").front().ends_with("AUDIO=\"audio\""));
  CHECK(lines_with(without, "GROUP-ID=\"audio\"").front().ends_with("URI=\"1/aac6/playlist.m3u8\""));
  CHECK(lines_with(without, "GROUP-ID=\"aac2\"").front().ends_with("URI=\"1/aac2/playlist.m3u8\""));
  const std::string with = master_text(surround_film(), browser | protocol::bit_of(Plays::ac3));
  CHECK(lines_with(with, "TYPE=AUDIO").size() == 1);
  CHECK(with.find("CODECS=\"avc1.64001E,ac-3\"") != std::string::npos);
  // One that plays nothing of it is offered what there is.
  CHECK(master_text(surround_film(), protocol::bit_of(Plays::vp9)).find("avc1") != std::string::npos);
}

TEST_CASE("a browser is offered sound that lasts as long as the picture, other players what the film has") {
  const auto uri_of_sound = [](std::uint64_t start, std::size_t samples, Codec codec, std::uint32_t plays,
                               std::uint32_t gap = 0) {
    FilmIndex film = small_film();
    film.tracks[1].info.codec = codec;
    film.tracks[1].samples.resize(samples);
    film.tracks[1].samples[100].duration += gap;
    film.tracks[1].segments = plan_audio(film.tracks[1].samples, start, 48000, {});
    const auto media = lines_with(master_text(film, plays), "TYPE=AUDIO");
    REQUIRE(media.size() == 1);
    return media[0].substr(media[0].find("URI="));
  };
  const std::uint32_t browser = protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::aac);
  CHECK(uri_of_sound(0, 469, Codec::aac, browser) == "URI=\"1/playlist.m3u8\"");
  CHECK(uri_of_sound(0, 200, Codec::aac, browser) == "URI=\"1/aac2/playlist.m3u8\"");
  CHECK(uri_of_sound(96'000, 400, Codec::aac, browser) == "URI=\"1/aac2/playlist.m3u8\"");
  CHECK(uri_of_sound(0, 200, Codec::aac, 0) == "URI=\"1/playlist.m3u8\"");
  CHECK(uri_of_sound(0, 469, Codec::aac, browser, 9600) == "URI=\"1/aac2/playlist.m3u8\"");
  // One that does not play AAC.
  const std::uint32_t free = protocol::bit_of(Plays::vp9) | protocol::bit_of(Plays::opus);
  CHECK(uri_of_sound(0, 200, Codec::opus, free) == "URI=\"1/playlist.m3u8\"");
}

TEST_CASE("DASH is for browsers, whoever asks for it") {
  FilmIndex film = small_film();
  film.tracks[1].samples.resize(200);
  film.tracks[1].segments = plan_audio(film.tracks[1].samples, 0, 48000, {});
  const auto bases = [&](std::uint32_t plays) {
    return lines_with(text_of(package_dash({*view_of(film), {}, plays}).value().body), "<BaseURL>");
  };
  const auto filled = bases(0);
  REQUIRE(filled.size() == 2);
  CHECK(filled[1].find("1/aac2/") != std::string::npos);
  film.tracks[1].info.codec = Codec::opus;
  const auto without_aac = bases(protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::opus));
  REQUIRE(without_aac.size() == 2);
  CHECK(without_aac[1].find("1/aac2/") == std::string::npos);
}

TEST_CASE("subtitles are renditions with what a player chooses by") {
  FilmIndex film = small_film();
  film.tracks.push_back(text_track("eng", ""));
  film.tracks.push_back(text_track("eng", "Signs"));
  film.tracks.push_back(text_track("eng", "For the deaf"));
  film.tracks.push_back(text_track("eng", "Commentary"));
  film.tracks.push_back(text_track("", ""));
  film.tracks[2].info.is_default = true;
  film.tracks[3].info.forced = true;
  film.tracks[4].info.hearing_impaired = true;
  CHECK(master_text(film) == R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="de",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="1/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="en",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="2/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Signs",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="3/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="For the deaf",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="4/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Commentary",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,FORCED=NO,URI="5/playlist.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Subtitles 5",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="6/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio",SUBTITLES="subs"
0/playlist.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS="avc1.64001E",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="0/iframes.m3u8"
)");
}

TEST_CASE("variants are qualities of the same picture") {
  const FilmIndex film = small_film();
  const auto view = view_of(film);
  const WholeFilm whole{*view, {variant("480p", 320, 180), variant("360p", 160, 90)}, 0};
  CHECK(text_of(package_master(whole).value().body) == R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="de",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="1/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio"
0/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio"
v/480p/0/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=29612,AVERAGE-BANDWIDTH=29612,CODECS="avc1.64001E,mp4a.40.2",RESOLUTION=160x90,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio"
v/360p/0/playlist.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS="avc1.64001E",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="0/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS="avc1.64001E",RESOLUTION=320x180,VIDEO-RANGE=SDR,URI="v/480p/0/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3184,AVERAGE-BANDWIDTH=2871,CODECS="avc1.64001E",RESOLUTION=160x90,VIDEO-RANGE=SDR,URI="v/360p/0/iframes.m3u8"
)");
  CHECK(text_of(package_dash(whole).value().body) == R"(<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" mediaPresentationDuration="PT10.005333S" maxSegmentDuration="PT6S" minBufferTime="PT2S">
  <Period id="0" start="PT0S">
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="0" bandwidth="22784" codecs="avc1.64001E" width="640" height="360" sar="1:1" frameRate="25">
        <BaseURL>0/</BaseURL>
        <SegmentTemplate timescale="25" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="50" r="1"/>
            <S d="150"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
      <Representation id="v-480p-0" bandwidth="22784" codecs="avc1.64001E" width="320" height="180" sar="1:1" frameRate="25">
        <BaseURL>v/480p/0/</BaseURL>
        <SegmentTemplate timescale="25" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="50" r="1"/>
            <S d="150"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
      <Representation id="v-360p-0" bandwidth="22784" codecs="avc1.64001E" width="160" height="90" sar="1:1" frameRate="25">
        <BaseURL>v/360p/0/</BaseURL>
        <SegmentTemplate timescale="25" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="50" r="1"/>
            <S d="150"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet contentType="audio" mimeType="audio/mp4" lang="de" segmentAlignment="true" startWithSAP="1">
      <Label>de</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1" bandwidth="7133" codecs="mp4a.40.2" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="2"/>
        <BaseURL>1/</BaseURL>
        <SegmentTemplate timescale="48000" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="96256" r="1"/>
            <S d="287744"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
)");
}

TEST_CASE("the picture as the film has it is left out when it is not wished, not played or not playable") {
  FilmIndex film = small_film();
  const auto uris = [&](std::uint32_t plays) {
    const auto view = view_of(film);
    return lines_with(text_of(package_master({*view, {variant("480p", 320, 180)}, plays}).value().body),
                      "0/playlist");
  };
  const std::vector<std::string> variant_only{"v/480p/0/playlist.m3u8"};
  CHECK(uris(protocol::kVariantsOnly) == variant_only);
  CHECK(uris(0) == std::vector<std::string>{"0/playlist.m3u8", "v/480p/0/playlist.m3u8"});
  film.tracks[0].info.codec = Codec::hevc;
  CHECK(uris(protocol::bit_of(Plays::h264)) == variant_only);
  film.tracks[0].info.use = TrackUse::convert;
  CHECK(uris(0) == variant_only);
  film.problem = "The video is MPEG-2";
  const auto view = view_of(film);
  CHECK(package_master({*view, {}, 0}).error().message == "The video is MPEG-2");
  CHECK(package_dash({*view, {}, 0}).error().kind == ErrorKind::not_found);
}

TEST_CASE("playlists with variants depend on them") {
  const auto view = view_of(small_film());
  CHECK(package_master({*view, {variant("480p", 320, 180)}, 0}).value().made_from == "50000.180");
  CHECK(package_dash({*view, {}, 0}).value().made_from.empty());
}

TEST_CASE("sounds of several languages are the same in every group, by the same names") {
  FilmIndex film = surround_film();
  film.tracks.push_back(small_film().tracks[1]);
  film.tracks[2].info.language = "eng";
  film.tracks[2].info.is_default = true;
  const std::string text = master_text(film);
  const auto media = lines_with(text, "TYPE=AUDIO");
  REQUIRE(media.size() == 6);
  for (std::size_t group = 0; group < 3; ++group) {
    CHECK(media[2 * group].find("NAME=\"de\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES") !=
          std::string::npos);
    CHECK(media[2 * group + 1].find("NAME=\"en\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES") !=
          std::string::npos);
    CHECK(media[2 * group + 1].ends_with("URI=\"2/playlist.m3u8\""));  // AAC that need not be made
  }
  CHECK(lines_with(text, "CODECS=\"avc1.64001E,ac-3,mp4a.40.2\"").size() == 1);
}

TEST_CASE("what a client plays is told by name") {
  CHECK(protocol::parse_plays("") == 0);
  CHECK(protocol::parse_plays("h264,aac") == (protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::aac)));
  CHECK(protocol::parse_plays(",h265,dts,,AAC") == protocol::bit_of(Plays::dts));
  CHECK(protocol::parse_plays("h264,hevc,av1,vp8,vp9,aac,mp3,opus,flac,ac3,eac3,alac,dts") ==
        protocol::kPlaysAll);
  CHECK((protocol::kPlaysAll & (protocol::kVariantsOnly | protocol::kMarkHvc1)) == 0);
}

TEST_CASE("the manifest tells of loudspeakers by their configuration, where there is one") {
  FilmIndex film = small_film();
  film.tracks[1].info.codec = Codec::flac;
  const auto told = [&](std::uint16_t channels) {
    film.tracks[1].info.channels = channels;
    return lines_with(text_of(package_dash({*view_of(film), {}, protocol::bit_of(Plays::flac)}).value().body),
                      "ChannelConfiguration");
  };
  for (const auto& [channels, value] : {std::pair{1, "1"}, {2, "2"}, {6, "6"}, {7, "11"}, {8, "12"}}) {
    CAPTURE(channels);
    const auto lines = told(static_cast<std::uint16_t>(channels));
    REQUIRE_FALSE(lines.empty());
    CHECK(lines[0].find(std::string("value=\"") + value + '"') != std::string::npos);
  }
  CHECK(told(9).empty());
  CHECK(told(12).empty());
}

TEST_CASE("every sound and subtitle in the manifest") {
  FilmIndex film = surround_film();
  film.tracks.push_back(text_track("eng", "<Signs & \"more\">"));
  film.tracks[2].info.forced = true;
  film.tracks[0].info.colour = {true, 9, 16, 9, false};
  for (SampleRecord& sample : film.tracks[0].samples) sample.composition_offset = 2;
  film.tracks[0].info.reordered = true;
  CHECK(text_of(package_dash({*view_of(film), {}, 0}).value().body) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" mediaPresentationDuration="PT10.080000S" maxSegmentDuration="PT6S" minBufferTime="PT2S">
  <Period id="0" start="PT0S">
    <AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:ColourPrimaries" value="9"/>
      <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:TransferCharacteristics" value="16"/>
      <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:MatrixCoefficients" value="9"/>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="0" bandwidth="23584" codecs="avc1.64001E" width="640" height="360" sar="1:1" frameRate="25">
        <BaseURL>0/</BaseURL>
        <SegmentTemplate timescale="25" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="2" d="50" r="1"/>
            <S d="150"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet contentType="audio" mimeType="audio/mp4" lang="de" segmentAlignment="true" startWithSAP="1">
      <Label>de</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1" bandwidth="7133" codecs="ac-3" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="6"/>
        <BaseURL>1/</BaseURL>
        <SegmentTemplate timescale="48000" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="96256" r="1"/>
            <S d="287744"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet contentType="audio" mimeType="audio/mp4" lang="de" segmentAlignment="true" startWithSAP="1">
      <Label>de</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1-aac6" bandwidth="385904" codecs="mp4a.40.2" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="6"/>
        <BaseURL>1/aac6/</BaseURL>
        <SegmentTemplate timescale="48000" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="100352"/>
            <S d="95232"/>
            <S d="284672"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet contentType="audio" mimeType="audio/mp4" lang="de" segmentAlignment="true" startWithSAP="1">
      <Label>de</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="1-aac2" bandwidth="162029" codecs="mp4a.40.2" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="2"/>
        <BaseURL>1/aac2/</BaseURL>
        <SegmentTemplate timescale="48000" startNumber="0" initialization="init.mp4" media="$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="100352"/>
            <S d="95232"/>
            <S d="284672"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet contentType="text" mimeType="text/vtt" lang="en">
      <Label>&lt;Signs &amp; &quot;more&quot;&gt;</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
      <Representation id="2" bandwidth="1000">
        <BaseURL>2/subtitles.vtt</BaseURL>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
)");
}

TEST_CASE("pictures to be shown while one seeks") {
  FilmIndex film = small_film();
  CHECK(text_of(package_iframe_playlist(*view_of(film), 0).value().body) == R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000000,
#EXT-X-BYTERANGE:796@0
0.m4s
#EXTINF:2.000000000,
#EXT-X-BYTERANGE:796@0
1.m4s
#EXTINF:6.000000000,
#EXT-X-BYTERANGE:1996@0
2.m4s
#EXT-X-ENDLIST
)");
  CHECK(package_iframe_playlist(*view_of(film), 1).error().kind == ErrorKind::not_found);
  film.tracks[0].info.independent = false;
  CHECK(package_iframe_playlist(*view_of(film), 0).error().kind == ErrorKind::not_found);
}
