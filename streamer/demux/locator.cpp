#include "streamer/demux/locator.hpp"

#include <algorithm>
#include <cstring>

namespace carrel::streamer {
namespace {

constexpr std::size_t kNear = 64;    // a block's header
constexpr std::size_t kFar = 16384;  // a block group's other elements, and a long lace's sizes
constexpr std::size_t kBeginning = 16;

/// Where `needle` is first; the size of `bytes`: nowhere.
std::size_t find_bytes(std::span<const std::byte> bytes, std::span<const std::byte> needle) {
  if (bytes.empty()) return 0;  // beyond the film's end: memmem takes no null
  const void* found = ::memmem(bytes.data(), bytes.size(), needle.data(), needle.size());
  if (found == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
}

}  // namespace

std::optional<std::uint64_t> SampleLocator::search(std::uint64_t from, std::size_t window,
                                                   std::span<const std::byte> packet) {
  const auto film = film_.look(from, packet.size() + window);
  // memmem is linear whatever the bytes are, but takes long to get to know a long needle.
  const std::size_t begins = find_bytes(film, packet.first(std::min(packet.size(), kBeginning)));
  if (begins == film.size()) return std::nullopt;
  const auto rest = film.subspan(begins);
  if (rest.size() >= packet.size() && std::memcmp(rest.data(), packet.data(), packet.size()) == 0)
    return from + begins;
  const std::size_t later = find_bytes(rest, packet);
  if (later == rest.size()) return std::nullopt;
  return from + begins + later;
}

std::optional<std::uint64_t> SampleLocator::find(std::int64_t position, std::span<const std::byte> packet,
                                                 bool far) {
  const bool follows = last_position_ >= 0 && (position < 0 || position == last_position_);
  std::optional<std::uint64_t> found;
  if (follows) found = search(last_end_, 0, packet);
  if (!found && position >= 0) {
    const auto from = static_cast<std::uint64_t>(position);
    found = search(from, kNear, packet);
    if (!found && far) found = search(from, kFar, packet);
  }
  if (found) last_end_ = *found + packet.size();
  last_position_ = position >= 0 ? position : last_position_;
  return found;
}

}  // namespace carrel::streamer
