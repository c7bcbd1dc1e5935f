#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "hwtune/measure/bounds.hpp"
#include "hwtune/measure/result.hpp"

namespace carrel::hwtune {

struct BigFile {
  UniqueFd fd;
  std::uint64_t size = 0;
  bool direct = false;  ///< read around the page cache
};

/// The largest of the first few thousand files below `directory`. ErrorKind::not_found: none is large enough.
[[nodiscard]] Result<BigFile> big_file_in(const std::string& directory);
/// A new one without a name, gone when it is closed; at most `bounds.bytes`, and as far as there is room.
[[nodiscard]] Result<BigFile> scratch_file_in(const std::string& directory, const Bounds& bounds);

/// In the sizes that the streamer reads in: runs of film bytes, small ones and those of a whole read-ahead.
[[nodiscard]] std::vector<ReadSpeed> read_speeds(const BigFile& file, const Bounds& bounds);

}  // namespace carrel::hwtune
