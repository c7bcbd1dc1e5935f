#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostSets = 512;  // H.264 allows 32 SPS and 256 PPS

std::string text_of(Bytes nal) {
  return {reinterpret_cast<const char*>(nal.data()), nal.size()};
}

}  // namespace

std::optional<Bytes> NalReader::next() {
  if (rest_.size() < length_bytes_) return std::nullopt;
  std::size_t length = 0;
  for (const std::byte byte : rest_.first(length_bytes_))
    length = length << 8 | std::to_integer<std::size_t>(byte);
  rest_ = rest_.subspan(length_bytes_);
  if (length > rest_.size()) return std::nullopt;
  const Bytes nal = rest_.first(length);
  rest_ = rest_.subspan(length);
  return nal;
}

void ParameterSets::add(Bytes nal) {
  if (known_.size() < kMostSets) known_.insert(text_of(nal));
}

void ParameterSets::meet(Bytes nal) {
  if (!settled_) return add(nal);
  if (!changed_ && !known_.contains(text_of(nal))) changed_ = true;
}

}  // namespace carrel::streamer
