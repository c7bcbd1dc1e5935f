#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streamer/index/format.hpp"

namespace carrel::streamer {

/// The pieces of a track's scattered samples, written as briefly as they can be. Pure.
class PieceList {
 public:
  /// What follows belongs to another sample: nothing is joined to what is there.
  void begin();
  void add_film(std::uint64_t offset, std::uint32_t length);
  void add_literal(std::string_view bytes);
  void add_again(const PieceRecord& piece) { pieces_.push_back(piece); }  ///< one of this list

  [[nodiscard]] std::size_t count() const { return pieces_.size(); }
  [[nodiscard]] const PieceRecord& operator[](std::size_t at) const { return pieces_[at]; }
  void shorten(std::size_t count) { pieces_.resize(count); }  ///< literals stay
  [[nodiscard]] std::size_t literal_bytes() const { return literals_.size(); }
  [[nodiscard]] bool full() const;
  [[nodiscard]] std::vector<PieceRecord> take_pieces() { return std::move(pieces_); }
  [[nodiscard]] std::string take_literals() { return std::move(literals_); }

 private:
  [[nodiscard]] bool join(PieceRecord& last, std::uint64_t offset, std::uint32_t length) const;

  std::vector<PieceRecord> pieces_;
  std::string literals_;
  std::size_t first_ = 0;  ///< of the sample
};

}  // namespace carrel::streamer
