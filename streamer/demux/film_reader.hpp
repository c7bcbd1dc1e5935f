#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/error.hpp"

namespace carrel::streamer {

/// Reads a film by its descriptor, position and all, and counts what it reads. Not thread-safe.
class FilmReader {
 public:
  using Progress = std::function<void(std::uint64_t film_bytes_read)>;

  /// `fd` stays the caller's. ErrorKind::invalid: not a regular file.
  [[nodiscard]] static Result<FilmReader> open(int fd, Progress progress);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::int64_t mtime_ns() const noexcept { return mtime_ns_; }

  /// Reads up to `into.size()` bytes from `offset`: fewer only at the end of the film, on an error of the
  /// device, or when the budget is spent: a file that makes its demuxer read it again and again must not run
  /// for ever.
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<std::byte> into);
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool spent() const noexcept { return read_ >= budget_; }

 private:
  FilmReader(int fd, std::uint64_t size, std::int64_t mtime_ns, Progress progress);

  int fd_;
  std::uint64_t size_;
  std::int64_t mtime_ns_;
  std::uint64_t budget_;
  std::uint64_t read_ = 0;
  bool failed_ = false;
  Progress progress_;
};

}  // namespace carrel::streamer
