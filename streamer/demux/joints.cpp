#include "streamer/demux/joints.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

namespace carrel::streamer {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::string_view kEbml = "\x1a\x45\xdf\xa3"sv, kFlv = "FLV\x01"sv;
constexpr std::uint64_t kMostHeader = 96;  // bytes in which a header shows itself

/// RFC 8794 section 4.
std::size_t length_of_number(char first) {
  return static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(first))) + 1;
}

/// EBML's and the segment's header become one element that is void (RFC 8794 section 11.3.2).
std::string without_segment(std::string_view head) {
  constexpr std::size_t id_bytes = 4, size_bytes = 7;
  const std::size_t types = head.find("\x42\x82"sv);  // RFC 9559 section 4
  const std::size_t segment = head.find("\x18\x53\x80\x67"sv);
  if (types == head.npos || segment == head.npos || segment + id_bytes >= head.size()) return {};
  if (head.find("matroska", types) == head.npos && head.find("webm", types) == head.npos) return {};
  std::string shown = "\xec\x01"s;
  const std::size_t left =
      segment + id_bytes + length_of_number(head[segment + id_bytes]) - shown.size() - size_bytes;
  return shown + std::string(size_bytes - 1, '\0') + static_cast<char>(left);
}

/// What libavformat is to see in place of the first bytes of a header; empty: it is none.
std::string shown_for(std::string_view magic, std::string_view bytes) {
  if (magic == kEbml) return without_segment(bytes.substr(0, kMostHeader));
  // Adobe's FLV 10.1, annex E.2. Of a tag without a size libavformat looks for the next one.
  return bytes.size() >= 9 && bytes.substr(5, 4) == "\0\0\0\x09"sv ? "F\0\0\0"s : std::string();
}

}  // namespace

Joints::Joints(FilmReader& film) : film_(film) {
  std::array<std::byte, kEbml.size()> bytes{};
  const std::size_t got = film.read(0, bytes);
  const std::string_view begin(reinterpret_cast<const char*>(bytes.data()), got);
  if (begin == kEbml || begin == kFlv) magic_ = begin == kEbml ? kEbml : kFlv;
}

void Joints::see(std::uint64_t offset, std::span<std::byte> bytes) {
  if (magic_.empty()) return;
  const std::uint64_t begin = offset - std::min(offset, kMostHeader);
  around_.resize(static_cast<std::size_t>(offset - begin) + bytes.size() + kMostHeader);
  around_.resize(film_.read(begin, std::as_writable_bytes(std::span(around_))));
  const std::string_view around = around_;
  for (std::size_t at = 0; (at = around.find(magic_, at)) != around.npos; at += magic_.size()) {
    const std::uint64_t position = begin + at;
    const std::string shown = shown_for(magic_, around.substr(at));
    if (position == 0 || shown.empty()) continue;
    found_.insert(position);
    for (std::size_t i = 0; i < shown.size(); ++i)
      if (position + i >= offset && position + i - offset < bytes.size())
        bytes[static_cast<std::size_t>(position + i - offset)] = static_cast<std::byte>(shown[i]);
  }
}

std::size_t Joints::before(std::uint64_t position) const {
  return static_cast<std::size_t>(std::distance(found_.begin(), found_.upper_bound(position)));
}

}  // namespace carrel::streamer
