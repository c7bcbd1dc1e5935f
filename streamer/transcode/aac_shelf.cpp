#include "streamer/transcode/aac_shelf.hpp"

#include <algorithm>
#include <iterator>

namespace carrel::streamer {

std::shared_ptr<AacFrames> AacShelf::get(const AacKey& key, const Make& make) {
  const auto found = std::ranges::find(entries_, key, [](const auto& entry) { return entry.first; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    entries_.emplace_front(key, make());
  }
  std::uint64_t bytes = entries_.front().second->bytes();  // it stays, however large
  auto kept = std::next(entries_.begin());
  while (kept != entries_.end() && (bytes += kept->second->bytes()) <= most_bytes_) ++kept;
  entries_.erase(kept, entries_.end());
  return entries_.front().second;
}

}  // namespace carrel::streamer
