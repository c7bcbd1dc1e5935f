#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/view.hpp"
#include "streamer/respond/body.hpp"

/// Indexes made by hand, for tests.
namespace carrel::streamer::testing {

inline std::string bytes_of(const FilmIndex& film) {
  const UniqueFd fd(::memfd_create("index", MFD_CLOEXEC));
  write_index(fd.get(), film).value();
  std::string bytes(static_cast<std::size_t>(::lseek(fd.get(), 0, SEEK_END)), '\0');
  if (::pread(fd.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) bytes.clear();
  return bytes;
}

inline Result<std::shared_ptr<const IndexView>> open_bytes(const std::string& bytes) {
  const UniqueFd fd(::memfd_create("index", MFD_CLOEXEC));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return nullptr;
  return IndexView::open(fd.get());
}

inline std::shared_ptr<const IndexView> view_of(const FilmIndex& film) {
  return open_bytes(bytes_of(film)).value();
}

/// `count` samples of `size` bytes and `duration` ticks, one after the other from `offset`; each
/// `sync_every`th is a sync sample.
inline std::vector<SampleRecord> run_of(std::size_t count, std::uint32_t duration, std::size_t sync_every,
                                        std::uint32_t size = 100, std::uint64_t offset = 1000) {
  std::vector<SampleRecord> samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back({offset + i * size, size, duration, 0, i % sync_every == 0 ? kSampleSync : 0});
  return samples;
}

/// The text of a body that has no film bytes.
inline std::string text_of(const Pieces& body) {
  std::string text;
  for (const Piece& piece : body) text += std::get<MadeBytes>(piece);
  return text;
}

/// A picture of 25 frames a second with a sync sample every second up to the fourth, and AAC that goes with it; 10 s in
/// segments of 2, 2 and 6 s.
FilmIndex small_film();

}  // namespace carrel::streamer::testing
