#include "orchestrator/jobs/decide.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace carrel::jobs {
namespace {

using store::JobRow;
using store::JobState;
using store::VariantRow;

constexpr std::int64_t kFirstPause = 60;  // seconds
constexpr std::int64_t kPauseGrowth = 5;
constexpr std::int64_t kLongestPause = 86'400;
// Who watches one asks for a segment every few seconds, and may hold the film for as long as a meal takes.
constexpr std::int64_t kInUse = 600;
// Beyond that, a time to come is of a clock that was ahead and has been set back.
constexpr std::int64_t kAhead = 60;

/// Of which film, and what: names in the world that is decided on.
using What = std::pair<std::string_view, std::string_view>;

template <class Row>
bool is_of(const Row& row, const Film& film) {
  return row.film_size == film.size && row.film_mtime_ns == film.mtime_ns;
}

std::string gigabytes(std::uint64_t bytes) {
  const std::uint64_t tenths = bytes / 100'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

/// Decides, noting along the way what its decisions free and take.
class Decider {
 public:
  explicit Decider(const World& world) : world_(world) {
    for (const VariantRow& variant : world.variants) used_ += static_cast<std::uint64_t>(variant.bytes);
    for (const auto& [id, bytes] : world.begun_bytes) used_ += bytes;
    free_ = world.free_bytes;
  }

  Decision decide() {
    leave_changed_films();
    remove_stale_variants();
    keep_bound();
    make_wanted();
    start_waiting();
    return std::move(decision_);
  }

 private:
  [[nodiscard]] const Film* film(const std::string& id) const {
    const auto found = world_.films.find(id);
    return found == world_.films.end() ? nullptr : &found->second;
  }

  [[nodiscard]] std::uint64_t begun(const JobRow& job) const {
    const auto found = world_.begun_bytes.find(job.id);
    return found == world_.begun_bytes.end() ? 0 : found->second;
  }

  void leave_changed_films() {
    for (const JobRow& job : world_.jobs) {
      const Film* film = this->film(job.video);
      // A disk that is away for a while brings the film back; what was begun of it stays while there is room.
      if (film == nullptr || is_of(job, *film)) {
        jobs_.push_back(&job);
        if (film == nullptr && job.state != JobState::running && begun(job) > 0) abandoned_.push_back(&job);
      } else if (job.state == JobState::running) {
        decision_.interrupt.push_back({job.id, "the film has changed"});
        busy_ += 1;
      } else if (job.state == JobState::waiting && !job.asked_by.empty()) {
        renew(job, *film);
      } else {
        decision_.drop.push_back(job.id);
        used_ -= begun(job);
      }
    }
  }

  /// What somebody asked for is owed for what the film has become, if that needs it.
  void renew(const JobRow& job, const Film& film) {
    if (!film.ready) return;
    if (is_makeable(film, job.quality)) {
      decision_.renew.push_back(job.id);
      renewed_.emplace(job.video, job.quality);
    } else {
      decision_.fail.push_back({job.id, "the film has changed, and what it is now does not need this"});
    }
  }

  void remove_stale_variants() {
    for (const VariantRow& variant : world_.variants) {
      const Film* film = this->film(variant.video);
      if (film != nullptr && !is_of(variant, *film)) {
        remove(variant, "the film has changed");
      } else {
        variants_.push_back(&variant);
      }
    }
    // Those of films that are not there come first, then those that were used longest ago. Those in use stand
    // last: they do not go at all.
    std::ranges::sort(variants_, {}, [this](const VariantRow* variant) {
      return std::tuple(in_use(*variant), film(variant->video) != nullptr, variant->last_used_at,
                        variant->made_at);
    });
  }

  [[nodiscard]] bool in_use(const VariantRow& variant) const {
    return variant.last_used_at + kInUse >= world_.now && variant.last_used_at <= world_.now + kAhead;
  }

  void look_again_at(std::int64_t when) {
    decision_.look_again = std::min(decision_.look_again.value_or(when), when);
  }

  /// When one of those from `first` on may be in use no more.
  void look_again_after_use(std::size_t first) {
    for (std::size_t i = first; i < variants_.size(); ++i)
      look_again_at(variants_[i]->last_used_at + kInUse + 1);
  }

  void remove(const VariantRow& variant, std::string reason) {
    decision_.remove.push_back({variant.video, variant.name, std::move(reason)});
    used_ -= static_cast<std::uint64_t>(variant.bytes);
    free_ += static_cast<std::uint64_t>(variant.bytes);
  }

  void keep_bound() {
    while (used_ > world_.policy.max_bytes) {
      if (!abandoned_.empty()) {
        discard_first();
      } else if (variants_.empty() || in_use(*variants_.front())) {
        look_again_after_use(0);
        return;
      } else {
        remove_oldest();
      }
    }
  }

  void discard_first() {
    const JobRow& job = *abandoned_.front();
    decision_.discard.push_back(job.id);
    used_ -= begun(job);
    free_ += begun(job);
    abandoned_.erase(abandoned_.begin());
  }

  void remove_oldest() {
    remove(*variants_.front(), "it was used longest ago, and variants.max_bytes is reached");
    variants_.erase(variants_.begin());
  }

  /// What there is of each film, looked up for every film and rung.
  struct Made {
    std::set<What> variants;
    std::map<What, const JobRow*> jobs;
  };

  [[nodiscard]] Made made() const {
    Made made;
    for (const VariantRow* variant : variants_) made.variants.emplace(variant->video, variant->name);
    for (const JobRow* job : jobs_) {
      if (job->kind == kConvert) made.jobs.emplace(What(job->video, job->quality), job);
    }
    return made;
  }

  void want(const Film& film, std::string_view quality, const Made& made) {
    const What what(film.id, quality);
    if (!is_makeable(film, quality) || made.variants.contains(what) || renewed_.contains(what)) return;
    const auto found = made.jobs.find(what);
    const JobRow* job = found == made.jobs.end() ? nullptr : found->second;
    // What failed or was cancelled is somebody's to ask for again; what is done but was removed is made when
    // there is room for it.
    if (job != nullptr && job->state != JobState::done) return;
    if (job == nullptr || could_fit(expected_bytes(film, quality)))
      decision_.make.push_back({film.id, std::string(quality)});
  }

  void make_wanted() {
    const Made made = this->made();
    for (const auto& [id, film] : world_.films) {
      if (world_.policy.automatic && film.needs_play) want(film, kPlay, made);
      for (const std::string& rung : world_.policy.rungs) want(film, rung, made);
    }
  }

  [[nodiscard]] bool fits(std::uint64_t bytes, std::uint64_t freed) const {
    return used_ - freed + bytes <= world_.policy.max_bytes &&
           bytes + world_.policy.leave_free <= free_ + freed;
  }

  /// Without any variant's giving way.
  [[nodiscard]] bool could_fit(std::uint64_t bytes) const {
    std::uint64_t freed = 0;
    for (const JobRow* job : abandoned_) freed += begun(*job);
    return fits(bytes, freed);
  }

  /// What was begun of films that are not there gives way to everything; for what somebody asked for older
  /// variants do too.
  bool make_room(std::uint64_t bytes, bool asked_for) {
    std::size_t jobs = 0;
    std::size_t variants = 0;
    std::uint64_t freed = 0;
    while (!fits(bytes, freed)) {
      if (jobs < abandoned_.size()) {
        freed += begun(*abandoned_[jobs++]);
      } else if (asked_for && variants < variants_.size() && !in_use(*variants_[variants])) {
        freed += static_cast<std::uint64_t>(variants_[variants++]->bytes);
      } else {
        if (asked_for) look_again_after_use(variants);
        return false;
      }
    }
    for (; jobs > 0; --jobs) discard_first();
    for (; variants > 0; --variants) remove_oldest();
    return true;
  }

  void start_waiting() {
    std::vector<const JobRow*> waiting;
    for (const JobRow* job : jobs_) {
      if (job->state == JobState::running) {
        ++busy_;
        reserve(*job);
      }
      if (job->state == JobState::waiting) waiting.push_back(job);
    }
    pause_surplus();
    std::ranges::sort(waiting, {},
                      [](const JobRow* job) { return std::tuple(-job->priority, job->created_at, job->id); });
    for (const JobRow* job : waiting) try_to_start(*job);
  }

  /// Those that nobody asked for first, and of these those that were started last.
  void pause_surplus() {
    std::vector<const JobRow*> running;
    for (const JobRow* job : jobs_) {
      if (job->state == JobState::running) running.push_back(job);
    }
    std::ranges::sort(running, {}, [](const JobRow* job) {
      return std::tuple(job->priority, -job->started_at.value_or(0));
    });
    const std::size_t surplus = busy_ - std::min(busy_, world_.policy.workers);
    for (std::size_t i = 0; i < std::min(surplus, running.size()); ++i) {
      decision_.pause.push_back({running[i]->id, world_.policy.held_because});
    }
  }

  /// What a running job will still write.
  void reserve(const JobRow& job) {
    const Film* film = this->film(job.video);
    if (film == nullptr) return;
    const std::uint64_t expected = expected_bytes(*film, job.quality);
    const std::uint64_t written = begun(job);
    const std::uint64_t rest = expected > written ? expected - written : 0;
    used_ += rest;
    free_ -= std::min(free_, rest);
  }

  void try_to_start(const JobRow& job) {
    const Film* film = this->film(job.video);
    if (film == nullptr || !film->ready) return;
    if (!is_makeable(*film, job.quality)) {
      decision_.fail.push_back({job.id, "the film does not need this, or it cannot be made of it"});
      return;
    }
    if (job.not_before > world_.now && job.not_before <= world_.now + kLongestPause) {
      look_again_at(job.not_before);
      return;
    }
    const std::uint64_t bytes = expected_bytes(*film, job.quality);
    if (bytes > world_.policy.max_bytes) {
      decision_.fail.push_back({job.id, "it may take " + gigabytes(bytes) + ", and variants.max_bytes is " +
                                            gigabytes(world_.policy.max_bytes)});
      return;
    }
    if (busy_ >= world_.policy.workers) return;
    const std::uint64_t rest = bytes - std::min(bytes, begun(job));
    if (!make_room(rest, !job.asked_by.empty())) return;
    decision_.start.push_back(job.id);
    ++busy_;
    reserve(job);
  }

  const World& world_;
  Decision decision_;
  std::vector<const JobRow*> jobs_;          ///< of films that have not changed
  std::vector<const JobRow*> abandoned_;     ///< of films that are not there, with files that they began
  std::vector<const VariantRow*> variants_;  ///< that stay, the first to go first
  std::set<What> renewed_;
  std::uint64_t used_ = 0;
  std::uint64_t free_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace

Decision decide(const World& world) {
  return Decider(world).decide();
}

std::optional<std::int64_t> next_try(std::int64_t now, std::int64_t tries, std::int64_t most_tries) {
  if (tries >= most_tries) return std::nullopt;
  std::int64_t pause = kFirstPause;
  for (std::int64_t i = 1; i < tries && pause < kLongestPause; ++i) pause *= kPauseGrowth;
  return now + std::min(pause, kLongestPause);
}

}  // namespace carrel::jobs
