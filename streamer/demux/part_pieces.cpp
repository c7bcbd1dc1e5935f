#include "streamer/demux/part_pieces.hpp"

#include <algorithm>

namespace carrel::streamer {

std::uint32_t bytes_in(const std::vector<Part>& parts) {
  std::size_t sum = 0;
  for (const Part& part : parts) sum += part.literal.empty() ? part.size : part.literal.size();
  return static_cast<std::uint32_t>(sum);
}

void add_range(PieceList& pieces, std::size_t from, std::size_t size, Bytes bytes,
               std::span<const Run> runs) {
  std::size_t begin = 0;  // of the run
  for (const Run& run : runs) {
    const std::size_t end = begin + run.length;
    const std::size_t first = std::max(from, begin), last = std::min(from + size, end);
    if (first < last && run.film == Run::kNowhere) {
      pieces.add_literal({reinterpret_cast<const char*>(bytes.data()) + first, last - first});
    } else if (first < last) {
      pieces.add_film(run.film + (first - begin), static_cast<std::uint32_t>(last - first));
    }
    if (end >= from + size) return;
    begin = end;
  }
}

void add_parts(PieceList& pieces, const std::vector<Part>& parts, Bytes bytes, std::span<const Run> runs) {
  std::size_t passed = 0;  // bytes of the packet before the runs that are left
  for (const Part& part : parts) {
    if (!part.literal.empty()) {
      pieces.add_literal(part.literal);
      continue;
    }
    while (!runs.empty() && passed + runs.front().length <= part.from) {
      passed += runs.front().length;
      runs = runs.subspan(1);
    }
    add_range(pieces, part.from - passed, part.size, bytes.subspan(passed), runs);
  }
}

}  // namespace carrel::streamer
