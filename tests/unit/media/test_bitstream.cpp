#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/codec_config.hpp"
#include "streamer/index/format.hpp"

using namespace carrel::streamer;
using namespace std::string_literals;

namespace {

const std::string kAvcC("\x01\x64\x00\x1e\xff\xe1\x00\x02\x67\x64\x01\x00\x02\x68\xee", 15);

std::string nal(const std::string& bytes) {
  return std::string("\0\0\0", 3) + static_cast<char>(bytes.size()) + bytes;
}

Entry entry(Bitstream& bitstream, const std::string& sample) {
  return bitstream.classify(std::as_bytes(std::span(sample)));
}

std::string codec_string(Codec codec, const std::string& extradata, std::uint32_t rate = 48000) {
  TrackInfo track;
  track.codec = codec;
  track.sample_rate = rate;
  return configure_codec(track, extradata) ? track.codec_string : "refused";
}

}  // namespace

TEST_CASE("H.264: IDR, recovery point and the rest") {
  const auto h264 = make_h264(kAvcC);
  REQUIRE(h264);
  CHECK(entry(*h264, nal("\x09\x10") + nal("\x67\x64") + nal("\x65\x88")) == Entry::sync);
  CHECK(entry(*h264, nal(std::string("\x06\x06\x01\xc4\x80", 5)) + nal("\x41\x9a")) == Entry::open);
  CHECK(entry(*h264, nal("\x41\x9a")) == Entry::none);
  CHECK(entry(*h264, "\xff\xff\xff\xff\x65") == Entry::none);
  CHECK(entry(*h264, "") == Entry::none);
  // A whole access unit behind a prefix NAL unit, with start codes.
  CHECK(entry(*h264, nal(std::string("\x6e\xc0\x80\x0f\0\0\0\x01\x06\x05\x01\xff\x80\0\0\x01\x65\x88",
                                     18))) == Entry::sync);
  CHECK_FALSE(h264->parameters_change());
  CHECK(entry(*h264, nal("\x67\x65") + nal("\x65\x88")) == Entry::sync);
  CHECK(h264->parameters_change());
}

TEST_CASE("configurations that are not MP4's are refused") {
  CHECK_FALSE(make_h264(std::string("\0\0\0\1\x67\x64", 6)));
  for (std::size_t length = 0; length < kAvcC.size(); ++length)
    CHECK_FALSE(make_h264(kAvcC.substr(0, length)));
  CHECK(codec_string(Codec::h264, "") == "refused");
  CHECK(codec_string(Codec::h264, kAvcC) == "avc1.64001E");
  CHECK(codec_string(Codec::h264, kAvcC + std::string(kMaxConfigBytes, '\0')) == "refused");
  CHECK(codec_string(Codec::hevc, std::string(23, '\1')) == "refused");
  CHECK(codec_string(Codec::av1, "") == "refused");
  CHECK(codec_string(Codec::opus, "OpusHead") == "refused");
  CHECK(codec_string(Codec::flac, "fLaC") == "refused");
}

TEST_CASE("codec strings") {
  CHECK(codec_string(Codec::h264, kAvcC) == "avc1.64001E");
  std::string hvcc("\x01\x01\x60\0\0\0\x90\0\0\0\0\0\x5d", 13);
  hvcc += std::string(8, '\0') + '\3' + '\1';
  hvcc += std::string("\xa0\0\1\0\2\x40\1", 7);
  CHECK(codec_string(Codec::hevc, hvcc) == "hvc1.1.6.L93.90");
  CHECK(codec_string(Codec::av1, std::string("\x81\x09\x4c\0", 4)) == "av01.0.09M.10");
  CHECK(codec_string(Codec::mp3, "", 44100) == "mp4a.6B");
  CHECK(codec_string(Codec::mp3, "", 22050) == "mp4a.69");
}

TEST_CASE("AV1's codec string tells what players would not assume") {
  const Colour bt709{true, 1, 1, 1, false}, hdr10{true, 9, 16, 9, false}, full{true, 1, 1, 1, true};
  const auto string_of = [](char flags, const Colour& colour) {
    TrackInfo track;
    track.codec = Codec::av1;
    track.colour = colour;
    REQUIRE(configure_codec(track, std::string("\x81\x09", 2) + flags + '\0').has_value());
    return track.codec_string;
  };
  CHECK(string_of('\x4c', bt709) == "av01.0.09M.10");
  CHECK(string_of('\x4c', hdr10) == "av01.0.09M.10.0.110.09.16.09.0");
  CHECK(string_of('\x4e', hdr10) == "av01.0.09M.10.0.112.09.16.09.0");
  CHECK(string_of('\x0c', full) == "av01.0.09M.08.0.110.01.01.01.1");
  CHECK(string_of('\x40', bt709) == "av01.0.09M.10.0.000.01.01.01.0");  // 4:4:4
  CHECK(string_of('\x48', bt709) == "av01.0.09M.10.0.100.01.01.01.0");  // 4:2:2
  CHECK(string_of('\x1c', {}) == "av01.0.09M.08.1.110.02.02.02.0");
}

TEST_CASE("codec strings of AAC are those of its profile") {
  const std::array<std::pair<std::string, std::string>, 14> profiles{
      std::pair{"\x11\x90"s, "mp4a.40.2"s},
      {"\x17\x80\x5d\xc0\x10"s, "mp4a.40.2"},  // its rate in full
      {"\x09\x90"s, "mp4a.40.1"},              // Main
      {"\x19\x90"s, "mp4a.40.3"},              // scalable sample rate
      {"\x21\x90"s, "mp4a.40.4"},              // long term prediction
      {"\x2b\x8a"s, "mp4a.40.5"},              // HE-AAC, in front
      {"\x2b\x11\x88\0"s, "mp4a.40.5"},
      {"\x13\x10\x56\xe5\x98"s, "mp4a.40.5"},  // HE-AAC, behind the core's parameters
      {"\x13\x10\x56\xe5\0"s, "mp4a.40.2"},    // no HE-AAC, said so there
      {"\x13\x10\x56\xe5\x9d\x48\0"s, "mp4a.40.5"},
      {"\xeb\x09\x88\0"s, "mp4a.40.29"},  // HE-AAC v2, in front
      {"\x13\x08\x56\xe5\x9d\x48\x80"s, "mp4a.40.29"},
      {"\xf9\x46\x40\0"s, "mp4a.40.42"},  // xHE-AAC
      {"\0\x10"s, "refused"}};
  for (const auto& [specific, name] : profiles) CHECK(codec_string(Codec::aac, specific) == name);
}

TEST_CASE("HEVC: IDR, CRA and leading pictures") {
  std::string hvcc("\x01\x01\x60\0\0\0\x90\0\0\0\0\0\x5d", 13);
  hvcc += std::string(8, '\0') + '\3' + '\1';
  hvcc += std::string("\xa0\0\1\0\2\x40\1", 7);
  const auto hevc = make_hevc(hvcc);
  REQUIRE(hevc);
  CHECK(entry(*hevc, nal("\x26\x01")) == Entry::sync);
  CHECK(entry(*hevc, nal("\x2a\x01")) == Entry::doubtful);
  CHECK(entry(*hevc, nal("\x12\x01")) == Entry::leading);
  CHECK(entry(*hevc, nal("\x02\x01")) == Entry::none);
}

TEST_CASE("Opus and FLAC headers become MP4's") {
  TrackInfo opus;
  opus.codec = Codec::opus;
  REQUIRE(configure_codec(opus, std::string("OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0", 19)).has_value());
  CHECK(opus.config == std::string("\0\x02\x01\x38\0\0\xbb\x80\0\0\0", 11));
  CHECK(opus.channels == 2);
  TrackInfo flac;
  flac.codec = Codec::flac;
  std::string info(34, '\0');
  info.replace(10, 4, std::string("\x0a\xc4\x42\xf0", 4));  // 44100 Hz, 2 channels, 16 bits
  REQUIRE(configure_codec(flac, "fLaC" + std::string("\x80\0\0\x22", 4) + info).has_value());
  CHECK(flac.sample_rate == 44100);
  CHECK(flac.channels == 2);
  CHECK(flac.bits_per_sample == 16);
  CHECK(flac.config.size() == 42);
}

TEST_CASE("VP9 key frames give the configuration") {
  const auto vp9 = make_vp9();
  CHECK(entry(*vp9, std::string("\x82\x49\x83\x42\0\x13\xf0\x0b\x30", 9)) == Entry::sync);  // 320x180
  CHECK(entry(*vp9, "\x86\x01\x02") == Entry::none);
  CHECK(entry(*vp9, "") == Entry::none);
  TrackInfo info;
  vp9->complete(info, 25);
  CHECK(info.codec_string == "vp09.00.11.08");
  CHECK(info.config == std::string("\1\0\0\0\0\x0b\x82\2\2\2\0\0", 12));
  info.colour = {true, 1, 1, 1, false};
  vp9->complete(info, 25);
  CHECK(info.codec_string == "vp09.00.11.08");
  info.colour = {true, 9, 16, 9, false};
  vp9->complete(info, 25);
  CHECK(info.codec_string == "vp09.00.11.08.01.09.16.09.00");
  const auto chroma_444 = make_vp9();  // profile 1
  CHECK(entry(*chroma_444, std::string("\xa2\x49\x83\x42\x40\x02\x7e\x01\x66", 9)) == Entry::sync);
  info.colour = {};
  chroma_444->complete(info, 25);
  CHECK(info.codec_string == "vp09.01.11.08.03.02.02.02.00");
}

TEST_CASE("AV1 key frames need their sequence header") {
  const auto av1 = make_av1();
  const std::string sequence("\x0a\x01\x00", 3);
  CHECK(entry(*av1, std::string("\x12\0", 2) + sequence + std::string("\x32\x01\x10", 3)) == Entry::sync);
  CHECK(entry(*av1, std::string("\x12\0\x32\x01\x10", 5)) == Entry::none);
  CHECK(entry(*av1, sequence + std::string("\x32\x01\x30", 3)) == Entry::none);
  CHECK(entry(*av1, "\x32\xff\xff\xff\xff\xff") == Entry::none);
  CHECK_FALSE(av1->parameters_change());
}

namespace {

/// An SEI message of HEVC's or H.264's.
std::string message(unsigned type, const std::string& payload) {
  return std::string{static_cast<char>(type), static_cast<char>(payload.size())} + payload;
}

TrackInfo light_of(const Bitstream& bitstream) {
  TrackInfo info;
  bitstream.complete(info, 25);
  return info;
}

}  // namespace

TEST_CASE("SEI tells of the light, the first of each; zeros in it are escaped") {
  const std::string display = std::string(16, 'p') + std::string("\0\x98\x96\x80\0\0\0\x32", 8);
  std::string escaped = display;
  escaped.replace(20, 3, std::string("\0\0\3\0", 4));
  const auto h264 = make_h264(kAvcC);
  const std::string sei = "\x06" + message(5, "x") + std::string{static_cast<char>(137), 24} + escaped;
  CHECK(entry(*h264, nal("\x67\x64") + nal(sei) + nal("\x65\x88")) == Entry::sync);
  CHECK(light_of(*h264).mastering_display == display);
  CHECK(light_of(*h264).content_light.empty());
  static_cast<void>(
      entry(*h264, nal("\x06" + message(144, "\3\xe8\1\x90") + message(137, std::string(24, 'o')))));
  CHECK(light_of(*h264).mastering_display == display);
  CHECK(light_of(*h264).content_light == "\3\xe8\1\x90");
}

TEST_CASE("SEI that is cut short tells nothing, and the container's word counts for more") {
  const auto h264 = make_h264(kAvcC);
  static_cast<void>(entry(*h264, nal(std::string("\x06") + '\x89' + '\x18' + "short")));
  static_cast<void>(entry(*h264, nal("\x06" + message(144, "abc"))));
  static_cast<void>(entry(*h264, nal("\x06\xff\xff\xff")));
  CHECK(light_of(*h264).mastering_display.empty());
  CHECK(light_of(*h264).content_light.empty());
  static_cast<void>(entry(*h264, nal("\x06" + message(144, "abcd"))));
  TrackInfo told;
  told.content_light = "wxyz";
  h264->complete(told, 25);
  CHECK(told.content_light == "wxyz");
}

TEST_CASE("AV1's metadata tells of the light in other units") {
  const auto av1 = make_av1();
  const std::string light("\x2a\x05\x01\x03\xe8\x01\x90", 7);
  const std::string display =
      std::string("\x2a\x19\x02", 3) +  // red, green, blue, white
      std::string("\xae\x14\x51\xec\x43\xd7\xb0\xa4\x26\x66\x0f\x5c\x50\x0d\x54\x39", 16) +
      std::string("\0\x03\xe8\0\0\0\0\x52", 8);  // 1,000 and 0.005 cd/m²
  const std::string sequence("\x0a\x01\x00", 3);
  CHECK(entry(*av1, sequence + light + display + std::string("\x32\x01\x10", 3)) == Entry::sync);
  CHECK(light_of(*av1).content_light == "\3\xe8\1\x90");
  // Green, blue, red, white: 13,250, 34,500; 7,500, 3,000; 34,000, 16,000; 15,635, 16,450, within one.
  CHECK(light_of(*av1).mastering_display ==
        std::string("\x33\xc2\x86\xc4\x1d\x4c\x0b\xb8\x84\xd0\x3e\x80\x3d\x13\x40\x42", 16) +
            std::string("\0\x98\x96\x80\0\0\0\x32", 8));
}
