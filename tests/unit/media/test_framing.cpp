#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/descriptions.hpp"
#include "streamer/demux/framing.hpp"
#include "streamer/demux/parameter_sets.hpp"
#include "streamer/demux/sound_config.hpp"

using namespace carrel::streamer;
using namespace std::string_literals;

namespace {

Bytes of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// x264: 192×108, high profile, BT.709; x265: 192×108, main.
const std::string kSps =
    "\x67\x64\x00\x0b\xac\xd9\x43\x0f\xfb\xc0\x44\x00\x00\x03\x00\x04\x00\x00\x03\x00\xc8\x3c\x50\xa6\x58"s;
const std::string kLargerSps =  // 256×144
    "\x67\x42\xc0\x0c\xda\x04\x04\xec\x04\x40\x00\x00\x03\x00\x40\x00\x00\x0c\x83\xc5\x0a\xa8"s;
const std::string kPps = "\x68\xef\x8f\xcb"s;
const std::string kHevcSps =
    "\x42\x01\x01\x01\x60\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x1e\xa0\x18\x20\x71\xf7\x96\x56\x54\xa4\xc2\xf0\x16\x80\x80\x00\x00\x03\x00\x80\x00\x00\x0c\x84"s;

}  // namespace

TEST_CASE("Annex B becomes NAL units behind their lengths; sets, delimiters and filler are set apart") {
  const std::string code = "\0\0\0\1"s, brief = "\0\0\1"s;
  const auto framing = make_framing(FramingKind::annex_b, Codec::h264, code + kSps + brief + kPps);
  REQUIRE(framing);
  const std::string packet = code + "\x09\x10"s + code + kSps + code + kPps + brief + "\x06\5\1\x80"s +
                             brief + "\x65\x88\x80\0\0\0"s + brief + "\x0c\xff"s;
  const auto framed = framing->frame(of(packet));
  REQUIRE(framed);
  CHECK(bytes_of(framed->parts, of(packet)) == "\0\0\0\4\x06\5\1\x80\0\0\0\3\x65\x88\x80"s);
  CHECK(framed->sets.size() == 4);
  CHECK_FALSE(framing->changed());
  const std::string config = framing->configuration();
  CHECK(config.substr(0, 6) == "\1"s + kSps.substr(1, 3) + "\xff\xe1");
  CHECK(make_h264(config));
  CHECK_FALSE(framing->frame(of(code + "\x09\x10"s)));
  CHECK_FALSE(framing->frame(of("no start code"s)));
  CHECK(framing->frame(of(code + "\x68\xef\x8f\x8b"s + code + "\x65\x88"s)));
  CHECK(framing->changed());
}

TEST_CASE("pictures of another size are noticed, other parameters of the same are none") {
  const std::string code = "\0\0\0\1"s, slice = code + "\x65\x88"s;
  const auto framing = make_framing(FramingKind::annex_b, Codec::h264, code + kSps + code + kPps);
  CHECK(framing->frame(of(code + kSps + code + "\x68\xef\x8f\x8b"s + slice)));
  CHECK(framing->changed());
  CHECK_FALSE(framing->other_pictures());
  CHECK(framing->frame(of(code + kLargerSps + slice)));
  CHECK(framing->other_pictures());
}

TEST_CASE("several sample descriptions: their sets go before the entries, and each is stored once") {
  const auto avcc = [](const std::string& pps) {
    return "\1\x64\0\x0b\xff\xe1"s + '\0' + static_cast<char>(kSps.size()) + kSps + "\1\0\4"s + pps;
  };
  const std::string first = avcc(kPps), second = avcc("\x68\xef\x8f\x8b"s);
  std::vector<RawSample> samples(5);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].offset = 100 * i;
    samples[i].size = 10;
  }
  samples[0].entry = samples[1].entry = samples[3].entry = Entry::sync;
  Descriptions descriptions(Codec::h264);
  CHECK(descriptions.change(1, first, first));
  CHECK_FALSE(descriptions.several());
  CHECK(descriptions.change(2, first, second));
  CHECK(descriptions.change(4, first, first));
  CHECK(descriptions.several());
  PieceList pieces;
  REQUIRE(descriptions.put_before(samples, pieces));
  const auto sets = static_cast<std::uint32_t>(4 + kSps.size() + 4 + kPps.size());
  CHECK(pieces.literal_bytes() == 2 * sets);
  CHECK(pieces.count() == 2 * samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool of_second = i == 2 || i == 3;
    CHECK(bool{samples[i].scattered});
    CHECK(samples[i].size == sets + 10);
    CHECK(pieces[samples[i].offset] == PieceRecord{kPieceLiteral | (of_second ? sets : 0), sets, 0, 0});
    CHECK(pieces[samples[i].offset + 1] == PieceRecord{100 * i, 10, 0, 0});
  }
  CHECK_FALSE(descriptions.put_before(samples, pieces));
  std::string short_lengths = second;
  short_lengths[4] = '\xfd';
  CHECK_FALSE(descriptions.change(9, first, short_lengths));
  for (std::size_t length = 0; length < second.size(); ++length)
    CHECK_FALSE(descriptions.change(9, first, second.substr(0, length)));
}

TEST_CASE("ADTS: one frame each, of one configuration") {
  const auto framing = make_framing(FramingKind::adts, Codec::aac, {});
  const std::string frame = "\xff\xf1\x4c\x80\x01\x7f\xfc"s + "data"s;  // 48 kHz, stereo, 11 bytes
  const auto framed = framing->frame(of(frame));
  REQUIRE(framed);
  CHECK(bytes_of(framed->parts, of(frame)) == "data");
  CHECK(framing->configuration() == "\x11\x90"s);
  CHECK_FALSE(framing->frame(of(frame.substr(0, 9))));
  CHECK_FALSE(framing->frame(of("\xff\xf1\x4c\x00\x01\x7f\xfc data"s)));  // channels in the frame
  CHECK_FALSE(framing->frame(of("ID3 and nothing"s)));
  for (std::size_t length = 0; length < frame.size(); ++length)
    CHECK_FALSE(framing->frame(of(frame.substr(0, length))));
}

TEST_CASE("sequence parameter sets tell size, shape and colour; damaged ones do no harm") {
  const auto info = read_h264_sequence(of(kSps));
  REQUIRE(info);
  CHECK(info->width == 192);
  CHECK(info->height == 108);
  CHECK(info->frames_only);
  for (std::size_t length = 0; length < kSps.size(); ++length) {
    static_cast<void>(read_h264_sequence(of(kSps.substr(0, length))));
    static_cast<void>(read_hevc_sequence(of(kSps.substr(0, length))));
  }
  const auto hevc = read_hevc_sequence(of(kHevcSps));
  REQUIRE(hevc);
  CHECK(hevc->width == 192);
  CHECK(hevc->height == 108);
  CHECK(hevc->luma_bits == 8);
  CHECK_FALSE(read_hevc_sequence(of(std::string(40, '\0'))));
}

TEST_CASE("AC-3, E-AC-3 and DTS are described by their first frame") {
  TrackInfo track;
  track.codec = Codec::ac3;
  // 48 kHz, 192 kbit/s, 2/0, no low frequency channel.
  REQUIRE(configure_by_frame(track, of("\x0b\x77\0\0\x14\x40\x40\0"s)).has_value());
  CHECK(track.config == "\x10\x11\x40"s);
  CHECK(track.codec_string == "ac-3");
  CHECK_FALSE(configure_by_frame(track, of("\x0b\x77\0"s)).has_value());

  track.codec = Codec::eac3;
  // One substream of 32 bytes, 48 kHz, six blocks, 3/2 with a low frequency channel, version 16.
  const std::string frame = "\x0b\x77\0\x0f\x3f\x86"s + std::string(26, '\0');
  REQUIRE(configure_by_frame(track, of(frame)).has_value());
  CHECK(track.codec_string == "ec-3");
  CHECK(track.config == "\0\x40\x20\x0f\0"s);
  CHECK_FALSE(configure_by_frame(track, of(frame + frame)).has_value());
  CHECK_FALSE(configure_by_frame(track, of(frame.substr(0, 20))).has_value());

  track.codec = Codec::dts;
  CHECK_FALSE(configure_by_frame(track, of("\x7f\xfe\x80"s)).has_value());
  REQUIRE(configure_by_frame(track, of("\x7f\xfe\x80\x01\xfc\x3c\x03\xf0\xb5\xe0"s + std::string(2000, '\0')))
              .has_value());
  CHECK(track.codec_string == "dtsc");
  CHECK(track.config.size() == 20);
}

TEST_CASE("DTS is named after what its first frame holds") {
  // A core of 64 bytes; an extension whose header has 16.
  const std::string core = "\x7f\xfe\x80\x01\xfc\x3c\x03\xf0\xb5\xe0"s + std::string(54, '\0');
  const std::string extension = "\x64\x58\x20\x25\0\x01\xe0"s + std::string(9, '\0');
  const std::string wide = "\x64\x58\x20\x25\0\x20\x1e"s + std::string(9, '\0');
  const std::string lossless = "\x41\xa2\x95\x47"s, express = "\x0a\x80\x19\x21"s;
  const std::array<std::pair<std::string, std::string>, 7> kinds{std::pair{core, "dtsc"s},
                                                                 {core + extension + lossless, "dtsh"},
                                                                 {extension + lossless, "dtsl"},
                                                                 {extension + express, "dtse"},
                                                                 {wide + express, "dtse"},
                                                                 {extension + express.substr(0, 3), "dtsl"},
                                                                 {core + extension + express, "dtsh"}};
  for (const auto& [frame, name] : kinds) {
    TrackInfo track;
    track.codec = Codec::dts;
    track.sample_rate = 48000;
    REQUIRE(configure_by_frame(track, of(frame)).has_value());
    CHECK(track.codec_string == name);
  }
}

TEST_CASE("MPEG-2 and MPEG-4: where a decoder can begin") {
  const auto classify = [](Bitstream& bitstream, const std::string& sample) {
    return bitstream.classify(of(sample));
  };
  const auto mpeg2 = make_mpeg2();
  const std::string sequence = "\0\0\1\xb3\x2d\x02\x40\x33\0\0\0\0"s;
  const std::string closed = "\0\0\1\xb8\0\x08\0\x40"s, open = "\0\0\1\xb8\0\x08\0\0"s;
  CHECK(classify(*mpeg2, sequence + closed + "\0\0\1\0\0\x0f\xff\xf8"s) == Entry::sync);
  CHECK(classify(*mpeg2, "\0\0\1\0\0\x57\xff\xf8"s) == Entry::none);
  CHECK(classify(*mpeg2, sequence + open + "\0\0\1\0\0\x8f\xff\xf8"s) == Entry::doubtful);
  CHECK(classify(*mpeg2, "\0\0\1\0\0\x1f\xff\xf8"s) == Entry::leading);
  CHECK(classify(*mpeg2, "") == Entry::none);
  TrackInfo info;
  mpeg2->complete(info, 25);
  CHECK(info.width == 720);
  CHECK(info.height == 576);
  CHECK(info.aspect_width * 720 * 9 == info.aspect_height * 576 * 16);

  const auto mpeg4 = make_mpeg4();
  CHECK(classify(*mpeg4, "\0\0\1\xb6\x10"s) == Entry::doubtful);
  CHECK(classify(*mpeg4, "\0\0\1\xb6\x90"s) == Entry::leading);
  CHECK(mpeg4->shown() == Shown::at_once);
  CHECK(classify(*mpeg4, "\0\0\1\xb6\x50"s) == Entry::none);
  CHECK(mpeg4->shown() == Shown::before_next_reference);
  CHECK_FALSE(mpeg4->shown_as_stored());
  CHECK(classify(*mpeg4, "\0\0\1\xb6\x50\0\0\1\xb6\x90"s) == Entry::none);
  CHECK(mpeg4->shown_as_stored());
}

TEST_CASE("two fields of a picture are told from two pictures") {
  const std::string interlaced =
      "\x67\x64\x00\x0b\xac\xd9\x43\x0e\xfc\x2e\x02\xd4\x04\x04\x05\x00\x00\x03\x00\x01\x00\x00\x03\x00\x32\x0f\x14\x29\x96"s;
  const auto info = read_h264_sequence(of(interlaced));
  REQUIRE(info);
  REQUIRE_FALSE(info->frames_only);
  const auto slice = [&](unsigned number, bool field, bool bottom) {
    std::string bits =
        "1"
        "00110"
        "1";  // macroblock 0, type 5, set 0
    for (int bit = static_cast<int>(info->frame_number_bits) - 1; bit >= 0; --bit)
      bits += (number >> bit & 1) != 0 ? '1' : '0';
    bits += field ? '1' : '0';
    bits += bottom ? '1' : '0';
    bits.resize(40, '1');
    std::string nal = "\x41";
    for (std::size_t at = 0; at < bits.size(); at += 8)
      nal += static_cast<char>(std::stoul(bits.substr(at, 8), nullptr, 2));
    return "\0\0\0"s + static_cast<char>(nal.size()) + nal;
  };
  const auto framing =
      make_framing(FramingKind::annex_b, Codec::h264, "\0\0\1"s + interlaced + "\0\0\1"s + kPps);
  const auto h264 = make_h264(framing->configuration());
  REQUIRE(h264);
  const auto second = [&](const std::string& sample) {
    static_cast<void>(h264->classify(of(sample)));
    return h264->is_second_field();
  };
  CHECK_FALSE(second(slice(3, true, false)));
  CHECK(second(slice(3, true, true)));
  CHECK_FALSE(
      second(slice(3, true, false)));  // a picture that is not referred to has the number of the one before
  CHECK(second(slice(3, true, true)));
  CHECK_FALSE(second(slice(4, true, true)));
  CHECK_FALSE(second(slice(5, true, false)));
  CHECK_FALSE(second(slice(5, false, false)));
  CHECK_FALSE(second(slice(5, false, true)));
}
