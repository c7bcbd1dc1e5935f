#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace carrel::machine {

/// The tree that a machine is read from: "/", or one made for a test. Paths are relative to it
/// ("proc/meminfo"); no link, however it is written, leads out of it. Reading never blocks for long on the
/// kernel's own files. Any thread.
class Root {
 public:
  [[nodiscard]] static Result<Root> open(const std::filesystem::path& path);

  /// Whether it is the machine that this program runs on.
  [[nodiscard]] bool is_real() const noexcept { return real_; }
  [[nodiscard]] int descriptor() const noexcept { return fd_.get(); }

  /// At most `limit` bytes; a longer file is cut.
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit = 1U << 20) const;
  /// Without the white space at its ends; none when it cannot be read or there is nothing in it.
  [[nodiscard]] std::optional<std::string> text(const std::string& path) const;
  [[nodiscard]] std::optional<std::int64_t> number(const std::string& path) const;
  /// Sorted names; none of what cannot be read.
  [[nodiscard]] std::vector<std::string> list(const std::string& path) const;
  /// What a symbolic link holds.
  [[nodiscard]] std::optional<std::string> link(const std::string& path) const;
  [[nodiscard]] bool exists(const std::string& path) const;

  /// As openat(2), within the root.
  [[nodiscard]] Result<UniqueFd> open_at(const std::string& path, int flags, unsigned mode = 0) const;

 private:
  Root(UniqueFd fd, bool real) : fd_(std::move(fd)), real_(real) {}

  UniqueFd fd_;
  bool real_ = false;
};

}  // namespace carrel::machine
