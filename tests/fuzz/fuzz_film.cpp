// A film from anywhere: indexed, and every resource of the index packaged.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "streamer/demux/index_film.hpp"
#include "tests/fuzz/packaged.hpp"

using namespace carrel;
using namespace carrel::streamer;

/// What is readable has an index that the streamer accepts, whatever bytes the film is of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const UniqueFd film(::memfd_create("film", MFD_CLOEXEC));
  const UniqueFd written(::memfd_create("index", MFD_CLOEXEC));
  if (::write(film.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  // By its content; names are the library's.
  const auto indexed = index_film(film.get(), {}, written.get(), {});
  if (!indexed || !indexed->readable) return 0;
  const auto index = IndexView::open(written.get());
  fuzz::require(index.has_value());
  fuzz::package_everything(**index);
  return 0;
}
