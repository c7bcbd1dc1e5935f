#include "streamer/demux/container.hpp"

#include <array>
#include <string_view>

namespace carrel::streamer {
namespace {

struct Known {
  std::string_view demuxer, name, subtype, spoken;
  bool always_audio;
  bool stores_dts;
};

constexpr std::array kOthers{Known{"avi", "avi", "x-msvideo", "AVI", false, true},
                             Known{"mpegts", "mpegts", "mp2t", "MPEG-TS", false, true},
                             Known{"mpeg", "mpegps", "mpeg", "MPEG program stream", false, true},
                             Known{"flv", "flv", "x-flv", "FLV", false, true},
                             Known{"asf", "asf", "x-ms-asf", "ASF", false, false},
                             Known{"ogg", "ogg", "ogg", "Ogg", false, false},
                             Known{"mp3", "mp3", "mpeg", "MP3", true, false},
                             Known{"flac", "flac", "flac", "FLAC", true, false},
                             Known{"wav", "wav", "wav", "WAV", true, false},
                             Known{"w64", "w64", "x-w64", "Wave64", true, false},
                             Known{"aiff", "aiff", "aiff", "AIFF", true, false},
                             Known{"caf", "caf", "x-caf", "CAF", true, false},
                             Known{"aac", "aac", "aac", "AAC", true, false},
                             Known{"loas", "latm", "mp4a-latm", "LATM", true, false},
                             Known{"ac3", "ac3", "ac3", "AC-3", true, false},
                             Known{"eac3", "eac3", "eac3", "E-AC-3", true, false},
                             Known{"dts", "dts", "vnd.dts", "DTS", true, false},
                             Known{"truehd", "truehd", "vnd.dolby.mlp", "TrueHD", true, false},
                             Known{"wv", "wv", "x-wavpack", "WavPack", true, false},
                             Known{"tta", "tta", "x-tta", "True Audio", true, false},
                             Known{"ape", "ape", "x-ape", "Monkey's Audio", true, false},
                             Known{"amr", "amr", "amr", "AMR", true, false},
                             Known{"dv", "dv", "x-dv", "DV", false, true},
                             Known{"rm", "rm", "vnd.rn-realmedia", "RealMedia", false, true},
                             Known{"ivf", "ivf", "x-ivf", "IVF", false, false}};

std::string beginning(FilmReader& film) {
  std::array<std::byte, 64> bytes{};
  const std::size_t got = film.read(0, bytes);
  return {reinterpret_cast<const char*>(bytes.data()), got};
}

/// ISO/IEC 14496-12 section 4.3. Files without `ftyp` are older than MP4: QuickTime.
bool is_quicktime(const std::string& head) {
  if (head.size() < 12) return false;
  if (head.compare(4, 4, "ftyp") != 0) return head.compare(4, 4, "styp") != 0;
  return head.compare(8, 4, "qt  ") == 0;
}

/// RFC 8794 section 11.2.6: DocType in the EBML header.
bool is_webm(const std::string& head) {
  const auto at = head.find("\x42\x82");
  return at != std::string::npos && head.compare(at + 3, 4, "webm") == 0;
}

}  // namespace

Container container_of(const AVFormatContext& format, FilmReader& film, bool has_video) {
  const std::string_view demuxer = format.iformat->name;
  const std::string type = has_video ? "video/" : "audio/";
  if (demuxer.starts_with("mov,")) {
    if (is_quicktime(beginning(film))) return {"mov", "video/quicktime", "QuickTime", true};
    return {"mp4", type + "mp4", "MP4", true};
  }
  if (demuxer.starts_with("matroska")) {
    if (is_webm(beginning(film))) return {"webm", type + "webm", "WebM", false};
    return {"mkv", type + "x-matroska", "Matroska", false};
  }
  for (const Known& known : kOthers) {
    if (known.demuxer != demuxer) continue;
    const std::string kind = known.always_audio ? "audio/" : type;
    return {std::string(known.name), kind + std::string(known.subtype), std::string(known.spoken),
            known.stores_dts};
  }
  return {std::string(demuxer), "application/octet-stream", std::string(demuxer), false};
}

}  // namespace carrel::streamer
