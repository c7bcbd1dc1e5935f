#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::streamer {

/// Writes ISO/IEC 14496-12 boxes, big endian, into a buffer that it owns.
class BoxWriter {
 public:
  /// A box that is open while this lives; its size is filled in when it ends. Boxes nest as scopes do.
  class Scope {
   public:
    Scope(BoxWriter& writer, std::string_view type) : writer_(writer), start_(writer.bytes_.size()) {
      writer_.u32(0).text(type);
    }
    ~Scope() { writer_.patch(start_, static_cast<std::uint32_t>(writer_.bytes_.size() - start_)); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    BoxWriter& writer_;
    std::size_t start_;
  };

  [[nodiscard]] Scope box(std::string_view type) { return Scope(*this, type); }

  BoxWriter& u8(std::uint32_t value) { return big_endian(value, 1); }
  BoxWriter& u16(std::uint32_t value) { return big_endian(value, 2); }
  BoxWriter& u24(std::uint32_t value) { return big_endian(value, 3); }
  BoxWriter& u32(std::uint32_t value) { return big_endian(value, 4); }
  BoxWriter& u64(std::uint64_t value) { return big_endian(value, 8); }
  BoxWriter& text(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  BoxWriter& zeros(std::size_t count) {
    bytes_.append(count, '\0');
    return *this;
  }
  /// The first four bytes of a FullBox's payload.
  BoxWriter& version(std::uint32_t version, std::uint32_t flags = 0) { return u8(version).u24(flags); }

  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  BoxWriter& big_endian(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      bytes_ += static_cast<char>(value >> shift & 0xff);
    return *this;
  }
  void patch(std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<char>(value >> (24 - 8 * i) & 0xff);
  }

  std::string bytes_;
};

}  // namespace carrel::streamer
