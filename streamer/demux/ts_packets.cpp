#include "streamer/demux/ts_packets.hpp"

#include <algorithm>
#include <array>

namespace carrel::streamer {
namespace {

constexpr std::array<std::size_t, 3> kStrides{188, 192, 204};

unsigned byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<unsigned>(bytes[at]);
}

bool in_step(std::span<const std::byte> bytes, std::size_t at, std::size_t stride) {
  constexpr std::size_t times = 4;
  std::size_t seen = 0;
  for (; seen < times && at < bytes.size(); ++seen, at += stride)
    if (bytes[at] != kTsSync) return false;
  return seen > 1 || bytes.size() < 2 * stride;
}

}  // namespace

std::optional<TsStep> ts_step_in(std::span<const std::byte> bytes, std::size_t stride) {
  for (std::size_t at = 0; at < std::min(bytes.size(), kStrides.back()); ++at)
    for (const std::size_t one : kStrides)
      if ((stride == 0 || one == stride) && in_step(bytes, at, one)) return TsStep{at, one};
  return std::nullopt;
}

bool TsPackets::synchronise(std::uint64_t from) {
  const auto step = ts_step_in(window_->at(from, 8 * kStrides.back()), stride_);
  if (!step) return false;
  stride_ = step->stride;
  next_ = from + step->begin;
  return true;
}

bool TsPackets::go_to(std::uint64_t position) {
  if (!synchronise(position)) return false;
  const auto head = window_->at(next_, 4);
  if (head.size() < 4) return false;
  stream_ = (byte_at(head, 1) & 0x1f) << 8 | byte_at(head, 2);
  return true;
}

std::optional<TsPackets::Payload> TsPackets::payload_at(std::uint64_t packet) {
  constexpr std::size_t pes_head = 9;
  const auto bytes = window_->at(packet, kTsPacketBytes);
  if (bytes.size() < kTsPacketBytes) return std::nullopt;
  const unsigned control = byte_at(bytes, 3);
  std::size_t at = 4;
  if ((control & 0x10) == 0) return std::nullopt;
  if ((control & 0x20) != 0) at += 1 + byte_at(bytes, 4);
  const bool begins = (byte_at(bytes, 1) & 0x40) != 0;
  if (begins && at + pes_head <= kTsPacketBytes && byte_at(bytes, at) == 0 && byte_at(bytes, at + 1) == 0 &&
      byte_at(bytes, at + 2) == 1)
    at += pes_head + byte_at(bytes, at + 8);
  if (at >= kTsPacketBytes) return std::nullopt;
  return Payload{packet + at, packet + kTsPacketBytes};
}

std::optional<TsPackets::Payload> TsPackets::next(std::size_t reach) {
  if (!stream_) return std::nullopt;
  for (const std::uint64_t limit = next_ + reach; next_ < limit;) {
    const auto head = window_->at(next_, 4);
    if (head.size() < 4) return std::nullopt;
    if (head[0] != kTsSync) {
      if (!synchronise(next_)) return std::nullopt;
      continue;
    }
    const std::uint64_t packet = next_;
    next_ += stride_;
    if (((byte_at(head, 1) & 0x1f) << 8 | byte_at(head, 2)) != *stream_) continue;
    if (const auto payload = payload_at(packet)) return payload;
  }
  return std::nullopt;
}

}  // namespace carrel::streamer
