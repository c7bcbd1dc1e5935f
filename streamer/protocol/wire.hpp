#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "streamer/protocol/message.hpp"

/// The two directions of the wire form, with the same calls, so that each message lists its fields once
/// (fields.hpp). Integers are little-endian; a string or list is preceded by its count as u16. Every value
/// has exactly one form.
namespace carrel::protocol::wire {

class Writer {
 public:
  static constexpr bool kReads = false;

  template <class Integer>
  void integer(const Integer& value) {
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      bytes_.push_back(static_cast<std::byte>(rest & 0xFFU));
      rest >>= 8U;
    }
  }
  template <class Enum>
  void enumeration(const Enum& value, Enum) {
    integer(static_cast<std::uint8_t>(value));
  }
  void boolean(const bool& value) { integer(static_cast<std::uint8_t>(value ? 1 : 0)); }
  void text(const std::string& value) {
    count(value.size(), kMaxText);
    for (const char c : value) {
      bytes_.push_back(static_cast<std::byte>(c));
    }
  }
  template <class Item, class Each>
  void list(const std::vector<Item>& items, std::size_t most, Each each) {
    count(items.size(), most);
    for (const Item& item : items) {
      each(item);
    }
  }

  [[nodiscard]] std::vector<std::byte> take() && {
    if (bytes_.size() > kMaxMessageBytes) {
      throw std::length_error("a control message is longer than kMaxMessageBytes");
    }
    return std::move(bytes_);
  }

 private:
  void count(std::size_t value, std::size_t most) {
    if (value > most) {
      throw std::length_error("a field of a control message is longer than message.hpp allows");
    }
    integer(static_cast<std::uint16_t>(value));
  }

  std::vector<std::byte> bytes_;
};

/// Reads until the first thing that is wrong; afterwards every call leaves its value alone and ok() is false.
class Reader {
 public:
  static constexpr bool kReads = true;

  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Integer>
  void integer(Integer& value) {
    if (!has(sizeof(Integer))) {
      return;
    }
    std::uint64_t read = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      read |= std::to_integer<std::uint64_t>(rest_[i]) << (8 * i);
    }
    value = static_cast<Integer>(read);
    rest_ = rest_.subspan(sizeof(Integer));
  }
  template <class Enum>
  void enumeration(Enum& value, Enum last) {
    std::uint8_t read = 0;
    integer(read);
    require(read <= static_cast<std::uint8_t>(last));
    if (ok_) {
      value = static_cast<Enum>(read);
    }
  }
  void boolean(bool& value) {
    std::uint8_t read = 0;
    integer(read);
    require(read <= 1);
    value = read == 1;
  }
  void text(std::string& value) {
    const std::size_t length = count(kMaxText);
    if (!has(length)) {
      return;
    }
    value.resize(length);
    if (length > 0) {
      std::memcpy(value.data(), rest_.data(), length);
    }
    rest_ = rest_.subspan(length);
  }
  template <class Item, class Each>
  void list(std::vector<Item>& items, std::size_t most, Each each) {
    const std::size_t length = count(most);
    for (std::size_t i = 0; i < length && ok_; ++i) {
      each(items.emplace_back());
    }
  }

  void require(bool holds) { ok_ = ok_ && holds; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  [[nodiscard]] bool has(std::size_t length) {
    require(rest_.size() >= length);
    return ok_;
  }
  [[nodiscard]] std::size_t count(std::size_t most) {
    std::uint16_t value = 0;
    integer(value);
    require(value <= most);
    return ok_ ? value : 0;
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace carrel::protocol::wire
