#include "streamer/protocol/plays.hpp"

#include <array>
#include <utility>

namespace carrel::protocol {
namespace {

constexpr std::array<std::pair<std::string_view, Plays>, 13> kNames{{{"h264", Plays::h264},
                                                                     {"hevc", Plays::hevc},
                                                                     {"av1", Plays::av1},
                                                                     {"vp8", Plays::vp8},
                                                                     {"vp9", Plays::vp9},
                                                                     {"aac", Plays::aac},
                                                                     {"mp3", Plays::mp3},
                                                                     {"opus", Plays::opus},
                                                                     {"flac", Plays::flac},
                                                                     {"ac3", Plays::ac3},
                                                                     {"eac3", Plays::eac3},
                                                                     {"alac", Plays::alac},
                                                                     {"dts", Plays::dts}}};
static_assert(kNames.size() == static_cast<std::size_t>(Plays::dts) + 1);

}  // namespace

std::uint32_t parse_plays(std::string_view list) {
  std::uint32_t plays = 0;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    for (const auto& [known, what] : kNames)
      if (name == known) plays |= bit_of(what);
  }
  return plays;
}

}  // namespace carrel::protocol
