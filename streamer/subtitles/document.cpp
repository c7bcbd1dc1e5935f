#include "streamer/subtitles/document.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kMostPieces = 4'000'000;

}  // namespace

bool Document::add(std::string_view made) {
  if (made.empty()) return true;
  if (made.size() > kMaxDocumentLiterals - track_.literals.size() || track_.document.size() >= kMostPieces)
    return false;
  const std::uint64_t at = kPieceLiteral | track_.literals.size();
  track_.literals += made;
  bytes_ += made.size();
  if (!track_.document.empty()) {
    PieceRecord& last = track_.document.back();
    if (last.offset + last.length == at) {
      last.length += static_cast<std::uint32_t>(made.size());
      return true;
    }
  }
  track_.document.push_back({at, static_cast<std::uint32_t>(made.size()), 0, 0});
  return true;
}

bool Document::add_film(std::uint64_t offset, std::uint32_t length) {
  if (track_.document.size() >= kMostPieces) return false;
  track_.document.push_back({offset, length, 0, 0});
  bytes_ += length;
  return true;
}

}  // namespace carrel::streamer::subtitles
