#include "streamer/demux/locator.hpp"

#include <cstring>

namespace carrel::streamer {
namespace {

constexpr std::size_t kNear = 64;    // a block's header
constexpr std::size_t kFar = 16384;  // a block group's other elements, and a long lace's sizes

}  // namespace

std::optional<std::uint64_t> SampleLocator::search(std::uint64_t from, std::size_t window,
                                                   std::span<const std::byte> packet) {
  buffer_.resize(packet.size() + window);
  const std::size_t got = film_.read(from, buffer_);
  // memmem is linear whatever the bytes are; std::search is not.
  const void* found = ::memmem(buffer_.data(), got, packet.data(), packet.size());
  if (found == nullptr) return std::nullopt;
  return from + static_cast<std::uint64_t>(static_cast<const std::byte*>(found) - buffer_.data());
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
