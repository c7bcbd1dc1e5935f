#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostSets = 512;  // H.264 allows 32 SPS and 256 PPS

std::string text_of(Bytes nal) {
  return {reinterpret_cast<const char*>(nal.data()), nal.size()};
}

constexpr std::size_t kCode = 3;  // 00 00 01

/// Where the next start code is; the end where there is none.
std::size_t find_code(Bytes bytes) {
  std::size_t at = 0;
  while (at + kCode <= bytes.size()) {
    const auto third = std::to_integer<unsigned>(bytes[at + 2]);
    if (third > 1) {
      at += 3;
    } else if (third == 1 && bytes[at] == std::byte{0} && bytes[at + 1] == std::byte{0}) {
      return at;
    } else {
      ++at;
    }
  }
  return bytes.size();
}

}  // namespace

AnnexBReader::AnnexBReader(Bytes stream) {
  const std::size_t code = find_code(stream);
  if (code < stream.size()) rest_ = stream.subspan(code + kCode);
}

std::optional<Bytes> AnnexBReader::next() {
  while (!rest_.empty()) {
    const std::size_t code = find_code(rest_);
    Bytes nal = rest_.first(code);
    rest_ = code < rest_.size() ? rest_.subspan(code + kCode) : Bytes();
    while (!nal.empty() && nal.back() == std::byte{0}) nal = nal.first(nal.size() - 1);
    if (!nal.empty()) return nal;
  }
  return std::nullopt;
}

bool begins_with_start_code(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("\0\0\1"sv) || bytes.starts_with("\0\0\0\1"sv);
}

std::string raw_payload(Bytes nal) {
  std::string raw;
  raw.reserve(nal.size());
  unsigned zeros = 0;
  for (const std::byte byte : nal) {
    if (zeros >= 2 && byte == std::byte{3}) {
      zeros = 0;
      continue;
    }
    zeros = byte == std::byte{0} ? zeros + 1 : 0;
    raw += static_cast<char>(byte);
  }
  return raw;
}

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
