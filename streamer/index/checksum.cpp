#include "streamer/index/checksum.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace carrel::streamer {
namespace {

constexpr std::uint64_t kPrime1 = 0x9e3779b185ebca87ULL;
constexpr std::uint64_t kPrime2 = 0xc2b2ae3d27d4eb4fULL;
constexpr std::uint64_t kPrime3 = 0x165667b19e3779f9ULL;
constexpr std::uint64_t kPrime4 = 0x85ebca77c2b2ae63ULL;
constexpr std::uint64_t kPrime5 = 0x27d4eb2f165667c5ULL;

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::uint64_t mix(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

std::uint64_t merge(std::uint64_t hash, std::uint64_t lane) {
  return (hash ^ mix(0, lane)) * kPrime1 + kPrime4;
}

}  // namespace

void Checksum::stripe(const std::byte* from) {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    lanes_[i] = mix(lanes_[i], load<std::uint64_t>(from + 8 * i));
}

void Checksum::update(std::span<const std::byte> bytes) {
  total_bytes_ += bytes.size();
  if (held_bytes_ > 0) {
    const std::size_t taken = std::min(bytes.size(), kStripe - held_bytes_);
    std::copy_n(bytes.data(), taken, held_.data() + held_bytes_);
    held_bytes_ += taken;
    bytes = bytes.subspan(taken);
    if (held_bytes_ < kStripe) return;
    stripe(held_.data());
    held_bytes_ = 0;
  }
  for (; bytes.size() >= kStripe; bytes = bytes.subspan(kStripe)) stripe(bytes.data());
  std::copy_n(bytes.data(), bytes.size(), held_.data());
  held_bytes_ = bytes.size();
}

std::uint64_t Checksum::digest() const {
  std::uint64_t hash = kPrime5;
  if (total_bytes_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_) hash = merge(hash, lane);
  }
  hash += total_bytes_;
  std::size_t at = 0;
  for (; at + 8 <= held_bytes_; at += 8)
    hash = std::rotl(hash ^ mix(0, load<std::uint64_t>(&held_[at])), 27) * kPrime1 + kPrime4;
  if (at + 4 <= held_bytes_) {
    hash = std::rotl(hash ^ (load<std::uint32_t>(&held_[at]) * kPrime1), 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at < held_bytes_; ++at)
    hash = std::rotl(hash ^ (std::to_integer<std::uint64_t>(held_[at]) * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace carrel::streamer
