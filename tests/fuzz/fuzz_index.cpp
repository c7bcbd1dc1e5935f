// An index that a hostile worker wrote: opened, and every resource packaged.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/unique_fd.hpp"
#include "streamer/index/checksum.hpp"
#include "streamer/index/view.hpp"
#include "tests/fuzz/packaged.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;

/// A checksum is no defence against who can compute it: make it right, so that the search goes on behind it.
void make_checksum_right(std::string& index) {
  if (index.size() < sizeof(Header)) return;
  char* at = index.data() + offsetof(Header, checksum);
  std::memset(at, 0, sizeof Header::checksum);
  const std::uint64_t total = index.size();
  std::memcpy(index.data() + offsetof(Header, total_bytes), &total, sizeof total);
  Checksum checksum;
  checksum.update(std::as_bytes(std::span(index)));
  const std::uint64_t digest = checksum.digest();
  std::memcpy(at, &digest, sizeof digest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  make_checksum_right(bytes);
  const UniqueFd fd(::memfd_create("index", MFD_CLOEXEC));
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 0;
  const auto index = IndexView::open(fd.get());
  if (!index) return 0;
  fuzz::package_everything(**index);
  return 0;
}
