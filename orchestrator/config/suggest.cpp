#include "orchestrator/config/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace carrel::config {
namespace {

constexpr std::size_t max_compared =
    64;  // what is longer is no typing error, and costs the square of its length

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  if (name.empty() || name.size() > max_compared) return {};
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
  std::string_view best;
  for (const auto& candidate : candidates) {
    const bool lacks_section = candidate.ends_with("." + std::string(name));
    const std::size_t d = lacks_section ? 1 : distance(name, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : "; did you mean " + std::string(best) + "?";
}

}  // namespace carrel::config
