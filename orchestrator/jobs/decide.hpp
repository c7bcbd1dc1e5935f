#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/jobs/ladder.hpp"
#include "orchestrator/store/jobs.hpp"
#include "orchestrator/store/variants.hpp"

/// What is to be done next about jobs and variants, from what there is. Pure.
namespace carrel::jobs {

inline constexpr char kConvert[] = "convert";

struct Policy {
  bool automatic = true;           ///< what makes a film play is made without being asked for
  std::vector<std::string> rungs;  ///< made of every film that has more lines, without being asked for
  std::size_t workers = 1;
  std::uint64_t max_bytes = 0;  ///< of all variants
  std::uint64_t leave_free = 1ULL << 30;
  std::string held_because{};  ///< why there are fewer workers than usual; empty: there are not
};

struct World {
  std::int64_t now = 0;
  Policy policy;
  std::map<std::string, Film, std::less<>> films;
  std::vector<store::JobRow> jobs;
  std::vector<store::VariantRow> variants;
  /// What jobs that are not done have written, by job.
  std::map<std::string, std::uint64_t, std::less<>> begun_bytes;
  std::uint64_t free_bytes = 0;
};

struct Wanted {
  std::string video;
  std::string quality;
  bool operator==(const Wanted&) const = default;
};

struct Because {
  std::string job;
  std::string reason;
  bool operator==(const Because&) const = default;
};

struct Removal {
  std::string video;
  std::string name;
  std::string reason;
  bool operator==(const Removal&) const = default;
};

/// To be done in this order; whatever changes is decided on anew.
struct Decision {
  std::vector<Because> interrupt;    ///< running ones
  std::vector<Because> pause;        ///< running ones, which go on later from where they are
  std::vector<std::string> drop;     ///< with the files that they began
  std::vector<std::string> renew;    ///< somebody asked for them: for the film as it has become
  std::vector<std::string> discard;  ///< what these jobs began; they themselves stay
  std::vector<Removal> remove;
  std::vector<Because> fail;
  std::vector<Wanted> make;  ///< new jobs of Carrel's own
  std::vector<std::string> start;
  std::optional<std::int64_t> look_again;  ///< at the latest, seconds since 1970
  bool operator==(const Decision&) const = default;
};

[[nodiscard]] Decision decide(const World& world);

/// When a job that failed `tries` times is tried again; empty: never.
[[nodiscard]] std::optional<std::int64_t> next_try(std::int64_t now, std::int64_t tries,
                                                   std::int64_t most_tries);

}  // namespace carrel::jobs
