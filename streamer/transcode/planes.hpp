#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace carrel::streamer {

/// Sound as it is worked on: one row of floats a channel, all of one length; 1 is full scale.
class Planes {
 public:
  explicit Planes(std::size_t channels = 0) : rows_(channels) {}

  [[nodiscard]] std::size_t channels() const { return rows_.size(); }
  [[nodiscard]] std::size_t size() const { return rows_.empty() ? 0 : rows_.front().size(); }
  [[nodiscard]] std::span<float> row(std::size_t channel) { return rows_[channel]; }
  [[nodiscard]] std::span<const float> row(std::size_t channel) const { return rows_[channel]; }

  /// Longer by silence, or shorter at the end.
  void resize(std::size_t count) {
    for (auto& row : rows_) row.resize(count, 0.0F);
  }
  void append(const Planes& other, std::size_t from, std::size_t count) {
    for (std::size_t c = 0; c < rows_.size(); ++c) {
      const auto part = other.row(c).subspan(from, count);
      rows_[c].insert(rows_[c].end(), part.begin(), part.end());
    }
  }
  void drop_front(std::size_t count) {
    for (auto& row : rows_) row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count));
  }
  void silence(std::size_t from, std::size_t count) {
    for (auto& row : rows_) std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(from), count, 0.0F);
  }

 private:
  std::vector<std::vector<float>> rows_;
};

}  // namespace carrel::streamer
