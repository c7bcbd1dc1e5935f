#include "streamer/demux/scatter_locator.hpp"

#include <algorithm>
#include <cstring>

namespace carrel::streamer {
namespace {

constexpr std::size_t kNeedle = 16;  // fewer bytes are found where they are not meant
constexpr std::size_t kAround = std::size_t{64} << 10;
constexpr std::size_t kReach = std::size_t{4} << 20;  // sound between the pictures of an MPEG-TS or PS
constexpr unsigned kMostMisses = 32;
constexpr std::size_t kMostMissed = 4096;
constexpr unsigned kSurelyScattered = 4;

}  // namespace

ScatterLocator::ScatterLocator(FilmWindow& window, bool transport_stream) : whole_(window), window_(window) {
  if (transport_stream) transport_.emplace(window);
}

std::span<const Run> ScatterLocator::locate(std::int64_t position, std::span<const std::byte> packet) {
  runs_.clear();
  done_ = 0;
  missed_ = 0;
  if (!transport_ && find_whole(position, packet)) {
    scattered_ = 0;
  } else {
    ++scattered_;
    if (transport_) {
      find_parts_of_transport_stream(position, packet);
    } else {
      find_parts(position, packet);
    }
  }
  if (position >= 0) last_position_ = position;
  return done_ == packet.size() ? std::span<const Run>(runs_) : std::span<const Run>();
}

bool ScatterLocator::find_whole(std::int64_t position, std::span<const std::byte> packet) {
  const auto offset = whole_.find(position, packet, scattered_ < kSurelyScattered);
  if (offset) found(*offset, packet.size());
  return offset.has_value();
}

void ScatterLocator::found(std::uint64_t offset, std::size_t length) {
  if (!runs_.empty() && offset >= cursor_) gap_ = offset - cursor_;
  const bool adjoins = !runs_.empty() && runs_.back().film != Run::kNowhere && offset == cursor_;
  if (adjoins) {
    runs_.back().length += static_cast<std::uint32_t>(length);
  } else {
    runs_.push_back({offset, static_cast<std::uint32_t>(length)});
  }
  done_ += length;
  cursor_ = offset + length;
}

void ScatterLocator::missed(std::span<const std::byte> rest) {
  const std::size_t length = std::min(rest.size(), kNeedle);
  if (!runs_.empty() && runs_.back().film == Run::kNowhere) {
    runs_.back().length += static_cast<std::uint32_t>(length);
  } else {
    runs_.push_back({Run::kNowhere, static_cast<std::uint32_t>(length)});
  }
  done_ += length;
  missed_ += length;
}

std::size_t ScatterLocator::agreeing(std::uint64_t offset, std::span<const std::byte> bytes,
                                     std::size_t most) {
  constexpr std::size_t at_once = std::size_t{64} << 10;
  std::size_t length = 0;
  most = std::min(most, bytes.size());
  while (length < most) {
    const std::size_t wanted = std::min(at_once, most - length);
    const auto film = window_.at(offset + length, wanted);
    const auto part = bytes.subspan(length, film.size());
    const auto differs = std::ranges::mismatch(film, part);
    const auto same = static_cast<std::size_t>(differs.in1 - film.begin());
    length += same;
    if (same < wanted) break;
  }
  return length;
}

bool ScatterLocator::find_near(std::span<const std::byte> rest) {
  for (const std::uint64_t offset : {cursor_ + gap_, cursor_}) {
    const std::size_t length = agreeing(offset, rest, rest.size());
    if (length < std::min(rest.size(), kNeedle)) continue;
    found(offset, length);
    return true;
  }
  return false;
}

/// Looks for the bytes from `ahead` of `rest` on; those before them that are not there are missed.
bool ScatterLocator::find_by_needle(std::size_t reach, std::size_t ahead, std::span<const std::byte> rest) {
  if (rest.size() < ahead + kNeedle) return false;
  const auto film = window_.at(cursor_, reach);
  if (film.empty() || !window_.spend(film.size())) return false;
  const void* hit = ::memmem(film.data(), film.size(), rest.data() + ahead, kNeedle);
  if (hit == nullptr) return false;
  const auto at = static_cast<std::size_t>(static_cast<const std::byte*>(hit) - film.data());
  std::size_t before = 0;
  while (before < std::min(at, ahead) && film[at - before - 1] == rest[ahead - before - 1]) ++before;
  const std::uint64_t offset = cursor_ + at - before;
  for (std::size_t lost = ahead - before; lost > 0;) {
    const std::size_t part = std::min(lost, kNeedle);
    missed(rest.first(part));
    rest = rest.subspan(part);
    lost -= part;
  }
  found(offset, agreeing(offset, rest, rest.size()));
  return true;
}

void ScatterLocator::find_parts(std::int64_t position, std::span<const std::byte> packet) {
  const bool follows = last_position_ >= 0 && (position < 0 || position == last_position_);
  // What goes on where the packet before ended does so whatever the demuxer calls its position.
  if (!(cursor_ > 0 && find_near(packet)) && !follows && position >= 0)
    cursor_ = static_cast<std::uint64_t>(position);
  find_rest(packet);
}

void ScatterLocator::find_rest(std::span<const std::byte> packet) {
  const std::size_t most_missed = std::max(packet.size() / 8, kMostMissed);
  while (done_ < packet.size()) {
    const auto rest = packet.subspan(done_);
    if (find_near(rest)) continue;
    bool hit = false;
    for (const std::size_t ahead : {std::size_t{0}, kNeedle, 4 * kNeedle})
      if (!hit) hit = find_by_needle(kAround, ahead, rest);
    if (!hit && far_misses_ < kMostMisses && rest.size() >= kNeedle) {
      hit = find_by_needle(kReach, 0, rest);
      far_misses_ = hit ? 0 : far_misses_ + 1;
    }
    if (hit) continue;
    if (missed_ > most_missed || !window_.spend(kNeedle)) return;
    missed(rest);
  }
}

/// Whether the packet goes on, or ends, where the payload ends. The last few bytes of a payload prove nothing
/// by themselves.
bool ScatterLocator::fits(const TsPackets::Payload& payload, std::uint64_t begin,
                          std::span<const std::byte> packet) {
  const auto most = std::min<std::size_t>(static_cast<std::size_t>(payload.end - begin), packet.size());
  if (most == 0 || agreeing(begin, packet, most) != most) return false;
  if (most == packet.size() || most >= kNeedle) return true;
  TsPackets peek = *transport_;
  const auto next = peek.next(kReach);
  const std::size_t more = std::min(packet.size() - most, kNeedle);
  return next && agreeing(next->begin, packet.subspan(most), more) == more;
}

/// Sets payload_ and cursor_ to where the packet begins.
bool ScatterLocator::begin_payload(std::int64_t position, std::span<const std::byte> packet) {
  constexpr int most_payloads = 64;
  if (cursor_ < payload_.end && fits(payload_, cursor_, packet)) return true;
  const TsPackets before = *transport_;
  if (const auto next = transport_->next(kReach);
      next && cursor_ >= payload_.end && fits(*next, next->begin, packet)) {
    payload_ = *next;
    cursor_ = next->begin;
    return true;
  }
  if (position < 0) return false;
  *transport_ = before;
  if (!transport_->go_to(static_cast<std::uint64_t>(position))) return false;
  for (int i = 0; i < most_payloads; ++i) {
    const auto next = transport_->next(kReach);
    if (!next) return false;
    for (std::uint64_t begin = next->begin; begin < next->end; ++begin) {
      if (!window_.spend(1)) return false;
      if (!fits(*next, begin, packet)) continue;
      payload_ = *next;
      cursor_ = begin;
      return true;
    }
  }
  return false;
}

void ScatterLocator::find_parts_of_transport_stream(std::int64_t position,
                                                    std::span<const std::byte> packet) {
  constexpr int most_foreign = 8;  // repeated packets, and other damage
  if (!begin_payload(position, packet)) {
    payload_ = {};
    return find_parts(position, packet);
  }
  while (done_ < packet.size()) {
    const auto rest = packet.subspan(done_);
    const std::uint64_t from = cursor_;
    bool hit = false;
    for (int foreign = 0; !hit && foreign < most_foreign; ++foreign) {
      if (cursor_ >= payload_.end || foreign > 0) {
        const auto next = transport_->next(kReach);
        if (!next) break;
        payload_ = *next;
        cursor_ = next->begin;
      }
      const auto most = std::min<std::size_t>(static_cast<std::size_t>(payload_.end - cursor_), rest.size());
      const std::size_t length = agreeing(cursor_, rest, most);
      hit = length == most || length >= kNeedle;
      if (!hit) continue;
      const std::uint64_t at = cursor_;
      cursor_ = from;
      found(at, length);
    }
    if (hit) continue;
    cursor_ = from;
    payload_ = {};
    return find_rest(packet);
  }
}

}  // namespace carrel::streamer
