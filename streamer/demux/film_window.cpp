#include "streamer/demux/film_window.hpp"

#include <algorithm>
#include <cstring>

namespace carrel::streamer {
namespace {

constexpr std::size_t kBehind = std::size_t{4} << 20;   // stays for tracks that lie behind
constexpr std::size_t kAhead = std::size_t{256} << 10;  // is read at once
constexpr unsigned kMostStrays = 64;                    // then all lies elsewhere, and the window moves there
constexpr std::uint64_t kWorkTimes = 16;
constexpr std::uint64_t kWorkBytes = std::uint64_t{256} << 20;

}  // namespace

FilmWindow::FilmWindow(FilmReader& film) : film_(film), work_(film.size() * kWorkTimes + kWorkBytes) {}

bool FilmWindow::spend(std::size_t bytes) {
  if (bytes > work_) return false;
  work_ -= bytes;
  return true;
}

void FilmWindow::make_room(std::uint64_t offset, std::size_t length) {
  if (buffer_.empty()) buffer_.resize(kBehind + kMost + kAhead);
  if (offset < base_ || offset > base_ + filled_) {
    base_ = offset;
    filled_ = 0;
  }
  if (offset - base_ + length + kAhead <= buffer_.size()) return;
  const std::uint64_t keep_from = std::max(base_, offset - std::min<std::uint64_t>(offset, kBehind));
  const auto gone = static_cast<std::size_t>(keep_from - base_);
  filled_ -= gone;
  std::memmove(buffer_.data(), buffer_.data() + gone, filled_);
  base_ = keep_from;
}

std::span<const std::byte> FilmWindow::at(std::uint64_t offset, std::size_t length) {
  if (offset >= film_.size()) return {};
  length = static_cast<std::size_t>(std::min<std::uint64_t>({length, kMost, film_.size() - offset}));
  if (offset < base_ || offset + length > base_ + filled_) {
    make_room(offset, length);
    const auto have = static_cast<std::size_t>(base_ + filled_ - offset);
    if (have < length) {
      const auto wanted = static_cast<std::size_t>(
          std::min<std::uint64_t>(std::max(length - have, kAhead), film_.size() - base_ - filled_));
      filled_ += film_.read(base_ + filled_, std::span(buffer_).subspan(filled_, wanted));
    }
  }
  const std::uint64_t end = base_ + filled_;
  if (offset >= end) return {};
  return std::span<const std::byte>(buffer_).subspan(
      static_cast<std::size_t>(offset - base_),
      static_cast<std::size_t>(std::min<std::uint64_t>(length, end - offset)));
}

std::span<const std::byte> FilmWindow::look(std::uint64_t offset, std::size_t length) {
  const bool near = offset >= base_ && offset <= base_ + filled_ + kAhead;
  if (length <= kMost && (near || strays_ == kMostStrays)) {
    strays_ = 0;
    return at(offset, length);
  }
  if (strays_ < kMostStrays) ++strays_;
  if (apart_.size() < length) apart_.resize(length);
  return std::span(apart_).first(film_.read(offset, std::span(apart_).first(length)));
}

}  // namespace carrel::streamer
