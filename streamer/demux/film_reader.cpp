#include "streamer/demux/film_reader.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace carrel::streamer {
namespace {

// The film once for its packets, once to prove their places, and seeks between tracks that lie apart.
constexpr std::uint64_t kBudgetTimes = 16;
constexpr std::uint64_t kBudgetBytes = 64U << 20;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

FilmReader::FilmReader(int fd, std::uint64_t size, std::int64_t mtime_ns, Progress progress)
    : fd_(fd),
      size_(size),
      mtime_ns_(mtime_ns),
      budget_(size * kBudgetTimes + kBudgetBytes),
      progress_(std::move(progress)) {}

Result<FilmReader> FilmReader::open(int fd, Progress progress) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return errno_error("stat the film", errno);
  if (!S_ISREG(status.st_mode)) return make_error(ErrorKind::invalid, "the film is not a regular file");
  const std::int64_t mtime = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
  return FilmReader(fd, static_cast<std::uint64_t>(status.st_size), mtime, std::move(progress));
}

std::size_t FilmReader::read(std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size() && offset + done < size_ && !spent()) {
    const std::size_t wanted = std::min<std::uint64_t>(into.size() - done, size_ - offset - done);
    const ssize_t got = ::pread(fd_, into.data() + done, wanted, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) failed_ = true;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
    read_ += static_cast<std::size_t>(got);
  }
  if (progress_) progress_(read_);
  return done;
}

}  // namespace carrel::streamer
