#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace carrel::http::tls {

/// Which byte of what was to be encrypted a byte of what was sent stands for. Pure.
class RecordMarks {
 public:
  /// All of the first `plain` bytes are within the first `sent` that went out; both only grow.
  void add(std::uint64_t sent, std::uint64_t plain);

  /// Plain bytes that the client has, once it has acknowledged that many of those sent; never fewer than
  /// before. Within a record it is a share: what the record is wrapped in counts for nothing.
  [[nodiscard]] std::uint64_t acknowledged(std::uint64_t sent);

  [[nodiscard]] std::size_t size() const noexcept { return marks_.size(); }

 private:
  // Beyond that, records count as one: a client that reads slowly holds a megabyte, which may be many small
  // ones.
  static constexpr std::size_t kMost = 256;

  struct Mark {
    std::uint64_t sent = 0;
    std::uint64_t plain = 0;
  };
  Mark done_;                 ///< acknowledged whole
  std::uint64_t within_ = 0;  ///< the largest answer so far
  std::deque<Mark> marks_;
};

}  // namespace carrel::http::tls
