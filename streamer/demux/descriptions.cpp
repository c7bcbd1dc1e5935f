#include "streamer/demux/descriptions.hpp"

#include <map>

#include "streamer/demux/configured_sets.hpp"
#include "streamer/demux/nal.hpp"
#include "streamer/demux/parameter_sets.hpp"

namespace carrel::streamer {
namespace {

/// The sets as a sample would have them; empty: there are none, or lengths are too short for them.
std::string in_band(Codec codec, const ConfiguredSets& configured) {
  std::string sets;
  if (configured.length_bytes < 2) return sets;
  const InBandSets known(codec);
  for (const Bytes nal : configured.units) {
    if (!known.is_set(nal)) continue;  // messages (SEI)
    for (std::size_t i = configured.length_bytes; i > 0; --i)
      sets += static_cast<char>(nal.size() >> 8 * (i - 1) & 0xff);
    sets.append(reinterpret_cast<const char*>(nal.data()), nal.size());
  }
  return sets;
}

}  // namespace

bool Descriptions::change(std::size_t sample, const std::string& first, const std::string& config) {
  constexpr std::size_t most_bytes = 1U << 20;
  const auto old = configured_sets(codec_, first), now = configured_sets(codec_, config);
  if (!old || !now || old->length_bytes != now->length_bytes) return false;
  if (changes_.empty()) changes_.push_back({0, in_band(codec_, *old)});
  std::string sets = in_band(codec_, *now);
  if (sets.empty() || stored_ + sets.size() > most_bytes) return false;
  if (sets == changes_.back().sets) return true;
  stored_ += sets.size();
  changes_.push_back({sample, std::move(sets)});
  return true;
}

bool Descriptions::put_before(std::vector<RawSample>& samples, PieceList& pieces) const {
  PieceList made;
  std::map<std::string, PieceRecord> stored;
  auto current = changes_.begin();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    RawSample& sample = samples[i];
    if (sample.scattered) return false;
    bool wanted = sample.entry != Entry::none && sample.entry != Entry::leading;
    for (; current + 1 != changes_.end() && (current + 1)->sample <= i; ++current) wanted = true;
    if (!wanted || sample.size == 0) continue;
    const std::uint64_t film = sample.offset;
    sample.offset = made.count();
    sample.scattered = true;
    made.begin();
    if (const auto known = stored.find(current->sets); known != stored.end()) {
      made.add_again(known->second);
    } else {
      made.add_literal(current->sets);
      stored.emplace(current->sets, made[made.count() - 1]);
    }
    made.add_film(film, sample.size);
    sample.size += static_cast<std::uint32_t>(current->sets.size());
  }
  pieces = std::move(made);
  return true;
}

}  // namespace carrel::streamer
