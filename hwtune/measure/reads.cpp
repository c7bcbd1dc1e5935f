#include "hwtune/measure/reads.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

namespace carrel::hwtune {
namespace {

constexpr std::uint64_t kMiB = 1U << 20;
constexpr std::uint64_t kSmall = 128U << 10;  // the streamer's kSmallRun: from here on it uses sendfile
constexpr std::uint64_t kLeastFile = 16 * kMiB;
constexpr std::size_t kAlignment = 4096;
constexpr int kMostLooked = 5000;
constexpr double kPercentile = 0.99;

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }
};
using Block = std::unique_ptr<char, Free>;

Block aligned_block() {
  return Block(static_cast<char*>(std::aligned_alloc(kAlignment, kMiB)));
}

/// The largest regular file; links are not followed, what cannot be read is passed over.
std::filesystem::path largest_in(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path best;
  std::uintmax_t best_size = kLeastFile - 1;
  int looked = 0;
  fs::recursive_directory_iterator entries(directory, fs::directory_options::skip_permission_denied, error);
  for (; !error && entries != fs::recursive_directory_iterator() && looked < kMostLooked;
       entries.increment(error)) {
    ++looked;
    std::error_code ignored;
    if (entries->is_symlink(ignored) || !entries->is_regular_file(ignored)) continue;
    const auto size = entries->file_size(ignored);
    if (!ignored && size > best_size) best = entries->path(), best_size = size;
  }
  return best;
}

/// Around the page cache where the file system can, which disturbs nobody's cached films.
void go_around_cache(BigFile& file) {
  const int flags = ::fcntl(file.fd.get(), F_GETFL);
  file.direct = flags >= 0 && ::fcntl(file.fd.get(), F_SETFL, flags | O_DIRECT) == 0;
  if (!file.direct) return;
  const Block block = aligned_block();
  if (::pread(file.fd.get(), block.get(), kAlignment, 0) > 0) return;
  file.direct = false;
  ::fcntl(file.fd.get(), F_SETFL, flags);
}

bool read_block(const BigFile& file, char* block, std::uint64_t size, std::uint64_t offset) {
  const auto at = static_cast<off_t>(offset);
  if (!file.direct) ::posix_fadvise(file.fd.get(), at, static_cast<off_t>(size), POSIX_FADV_DONTNEED);
  return ::pread(file.fd.get(), block, size, at) == static_cast<ssize_t>(size);
}

ReadSpeed speed_of(const BigFile& file, const std::string& pattern, std::uint64_t size, double seconds,
                   const Bounds& bounds) {
  std::mt19937_64 random(size);  // the same places each time
  std::uniform_int_distribution<std::uint64_t> place(0, file.size / size - 1);
  const Block block = aligned_block();
  std::vector<double> milliseconds;
  std::uint64_t total = 0;
  const Watch whole;
  for (std::uint64_t i = 0; whole.seconds() < seconds && total < bounds.bytes && !bounds.stopped(); ++i) {
    const std::uint64_t at = pattern == "random" ? place(random) : i % (file.size / size);
    const Watch one;
    if (!read_block(file, block.get(), size, at * size)) break;
    milliseconds.push_back(one.seconds() * 1000);
    total += size;
  }
  ReadSpeed speed{{}, {}, pattern, size, static_cast<double>(total) / 1e6 / std::max(whole.seconds(), 1e-9),
                  0};
  if (milliseconds.empty()) return speed;
  std::ranges::sort(milliseconds);
  const auto at = static_cast<std::size_t>(static_cast<double>(milliseconds.size() - 1) * kPercentile);
  speed.p99_ms = milliseconds[at];
  return speed;
}

}  // namespace

Result<BigFile> big_file_in(const std::string& directory) {
  const auto path = largest_in(directory);
  if (path.empty()) return make_error(ErrorKind::not_found, "no file of 16 MiB or more in " + directory);
  BigFile file{UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)), 0, false};
  if (!file.fd) return errno_error("open " + path.string(), errno);
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0) return errno_error("look at " + path.string(), errno);
  file.size = static_cast<std::uint64_t>(status.st_size);
  go_around_cache(file);
  return file;
}

Result<BigFile> scratch_file_in(const std::string& directory, const Bounds& bounds) {
  constexpr std::uint64_t kLeaveFree = 4;  // a quarter of what is free, at most
  struct statvfs space {};
  if (::statvfs(directory.c_str(), &space) != 0) return errno_error("look at " + directory, errno);
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  const std::uint64_t wanted = std::min(bounds.bytes, free / kLeaveFree) / kMiB * kMiB;
  if (wanted < kLeastFile) return make_error(ErrorKind::unavailable, "too little room in " + directory);
  BigFile file{UniqueFd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)), 0, false};
  if (!file.fd) return errno_error("make a file in " + directory, errno);
  const Block block = aligned_block();
  std::mt19937_64 random(1);  // disks that compress are not to gain from zeroes
  std::generate_n(block.get(), kMiB, [&] { return static_cast<char>(random()); });
  const Watch watch;
  while (file.size < wanted && !bounds.stopped() &&
         (watch.seconds() < bounds.seconds || file.size < kLeastFile)) {
    if (::write(file.fd.get(), block.get(), kMiB) != static_cast<ssize_t>(kMiB)) {
      return errno_error("write in " + directory, errno);
    }
    file.size += kMiB;
  }
  if (::fsync(file.fd.get()) != 0) return errno_error("write in " + directory, errno);
  if (file.size == 0) return make_error(ErrorKind::unavailable, "stopped");
  go_around_cache(file);
  return file;
}

std::vector<ReadSpeed> read_speeds(const BigFile& file, const Bounds& bounds) {
  const double each = bounds.seconds / 3;
  return {speed_of(file, "sequential", kMiB, each, bounds), speed_of(file, "random", kMiB, each, bounds),
          speed_of(file, "random", kSmall, each, bounds)};
}

}  // namespace carrel::hwtune
