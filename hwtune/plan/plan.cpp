#include "hwtune/plan/plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "hwtune/plan/budget.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

constexpr std::array<double, 4> kUsualMbit{2, 5, 8, 20};
constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kLeastSandbox = 128 * kMiB;  // a sandbox with eight streams stays under 64 MiB
constexpr unsigned kEnough = 8;                      // viewers that a machine of 8 GB should have
constexpr unsigned kMostWorkers = 16;
constexpr unsigned kMostSessions = 9000;

/// What depends on the memory alone.
struct Shares {
  std::uint64_t sandbox_memory = 0;
  std::uint64_t viewer_memory = 0;
  std::uint64_t converter_memory = 0;
  unsigned workers = 1;
  unsigned sessions = 0;  ///< that the memory holds
};

std::string number(double value, int digits, const char* unit) {
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f %s", digits, value, unit);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string megabytes(double bytes_a_second) {
  return number(bytes_a_second / 1e6, bytes_a_second < 1e7 ? 1 : 0, "MB/s");
}

std::string bytes(std::uint64_t count) {
  return terminal::bytes_text(static_cast<double>(count));
}

unsigned whole(double count) {
  return static_cast<unsigned>(std::clamp(std::floor(count), 0.0, static_cast<double>(kMostSessions)));
}

unsigned sessions_in(std::uint64_t memory, const Shares& shares) {
  // One more sandbox than sessions: the one that indexes a new film.
  const std::uint64_t beside = shares.workers * shares.converter_memory + shares.sandbox_memory;
  if (memory <= beside) return 0;
  return whole(static_cast<double>((memory - beside) / shares.viewer_memory));
}

/// What the machine has for streams beside memory.
unsigned streams_beside_memory(const Budgets& budgets, double mbit) {
  const unsigned streams = std::min(whole(budgets.cpus / cpus_of_stream(budgets, mbit)),
                                    whole(budgets.disk_bytes / film_bytes(mbit)));
  return budgets.link_bytes ? std::min(streams, whole(*budgets.link_bytes / wire_bytes(mbit))) : streams;
}

/// Conversions have what streams leave of the processors, and no more memory than leaves enough viewers. A
/// viewer's sandbox is promised less than it could have, before memory is what keeps viewers out.
Shares shares_of(const Budgets& budgets, const Wish& wish) {
  Shares shares;
  shares.sandbox_memory = shares.viewer_memory = wish.sandbox_memory;
  shares.converter_memory = std::min(wish.converter_memory, budgets.memory / 3 / kMiB * kMiB);
  const double streaming = kEnough * cpus_of_stream(budgets, wish.mbit);
  shares.workers = std::clamp(whole((budgets.cpus - streaming) / wish.converter_cpus), 1U, kMostWorkers);
  for (shares.sessions = sessions_in(budgets.memory, shares); shares.sessions < kEnough && shares.workers > 1;
       shares.sessions = sessions_in(budgets.memory, shares)) {
    --shares.workers;
  }
  while (shares.sessions < kFloor && shares.sandbox_memory / 2 >= kLeastSandbox) {
    shares.sandbox_memory /= 2;
    shares.viewer_memory = shares.sandbox_memory;
    shares.sessions = sessions_in(budgets.memory, shares);
  }
  const unsigned others = streams_beside_memory(budgets, wish.mbit);
  while (shares.sessions < others && shares.viewer_memory / 2 >= kLeastSandbox) {
    shares.viewer_memory /= 2;
    shares.sessions = sessions_in(budgets.memory, shares);
  }
  return shares;
}

Capacity capacity_at(double mbit, const machine::Facts& facts, const Budgets& budgets, const Shares& shares) {
  const double cpu = cpus_of_stream(budgets, mbit);
  const double wire = wire_bytes(mbit);
  const double film = film_bytes(mbit);
  Capacity capacity{mbit, 0, {}, {}};
  auto& resources = capacity.resources;
  resources.push_back(
      {"processors",
       number(budgets.cpus, 1, "of ") + number(facts.cpu.quota.value_or(facts.cpu.threads), 1, "CPUs"),
       number(cpu, 3, "CPU"), whole(budgets.cpus / cpu), budgets.cpu_measured});
  resources.push_back({"memory", bytes(budgets.memory) + " of " + bytes(facts.memory.total),
                       bytes(shares.viewer_memory), shares.sessions, true});
  if (budgets.link_bytes) {
    const auto mbits = std::to_string(budgets.link_mbit);
    resources.push_back({"network", megabytes(*budgets.link_bytes) + " of " + mbits + " Mbit/s",
                         megabytes(wire), whole(*budgets.link_bytes / wire), budgets.link_told});
  } else {
    resources.push_back({"network", "speed not told", megabytes(wire), std::nullopt, false});
  }
  resources.push_back({"disk", megabytes(budgets.disk_bytes) + " of a " + budgets.disk_kind, megabytes(film),
                       whole(budgets.disk_bytes / film), budgets.disk_measured});
  capacity.streams = std::numeric_limits<unsigned>::max();
  for (const auto& resource : resources) {
    if (resource.streams && *resource.streams < capacity.streams) {
      capacity.streams = *resource.streams;
      capacity.limited_by = resource.name;
    }
  }
  return capacity;
}

Settings settings_of(const machine::Facts& facts, const Budgets& budgets, const Shares& shares,
                     const Wish& wish, unsigned sessions) {
  Settings settings;
  settings.sandbox_memory = shares.sandbox_memory;
  settings.viewer_memory = shares.viewer_memory;
  settings.sandbox_cpus = wish.sandbox_cpus;
  settings.converter_memory = shares.converter_memory;
  settings.converter_cpus = wish.converter_cpus;
  settings.workers = shares.workers;
  settings.viewers = std::max(1U, sessions);
  settings.max_total = settings.viewers + shares.workers + 1;
  settings.pool = std::min(2U, sessions / 4);
  // No bound on what is promised: a stream takes a fraction of what its sandbox may take.
  settings.admission_cpus = 0;
  settings.admission_memory = std::uint64_t{settings.viewers} * shares.viewer_memory + shares.sandbox_memory +
                              shares.workers * shares.converter_memory;
  settings.memory_reserve = std::clamp(facts.memory.total / 16, 64 * kMiB, 2048 * kMiB) / kMiB * kMiB;
  // A guess would keep viewers out of a link that has room for them.
  if (budgets.link_told) settings.bandwidth = static_cast<std::uint64_t>(budgets.link_bytes.value_or(0));
  settings.database_cache = std::clamp(facts.memory.total / 512, 2 * kMiB, 64 * kMiB) / kMiB * kMiB;
  const auto disks = library_disks(facts);
  settings.read_ahead_kib = disks.empty() ? read_ahead_kib_for({}) : 0;
  for (const auto* disk : disks) {
    settings.read_ahead_kib = std::max(settings.read_ahead_kib, read_ahead_kib_for(*disk));
  }
  return settings;
}

std::vector<std::string> warnings_of(const machine::Facts& facts, const Plan& plan) {
  std::vector<std::string> warnings;
  if (!plan.measured) {
    warnings.emplace_back(
        "nothing was measured; disk and processor are guessed, and low: carrel-hwtune measure");
  }
  if (plan.sessions < kFloor) {
    warnings.push_back("fewer than " + std::to_string(kFloor) + " viewers at once: " + plan.limited_by +
                       " bounds it");
  }
  const auto& controllers = facts.cgroups.controllers;
  if (!controllers.empty() && std::ranges::find(controllers, "memory") == controllers.end()) {
    warnings.emplace_back(
        "the kernel bounds no memory of containers; add cgroup_enable=memory to its command line");
  }
  if (!facts.links.empty() && facts.links.front().duplex == "half") {
    warnings.push_back(facts.links.front().name + " runs at half duplex; look at the cable and the switch");
  }
  if (!facts.links.empty() && facts.links.front().wireless) {
    warnings.push_back(facts.links.front().name +
                       (facts.links.front().mbit ? " is wireless: its speed is what it has at best"
                                                 : " is wireless and does not tell its speed; it is guessed, "
                                                   "and low: where it has more, set admission.viewers"));
  }
  return warnings;
}

}  // namespace

Plan make_plan(const machine::Facts& facts, const std::string& machine,
               const std::optional<Measured>& measured, const Wish& wish, std::int64_t now) {
  const Budgets budgets = budgets_of(facts, measured);
  const Shares shares = shares_of(budgets, wish);
  Plan plan;
  plan.machine = machine;
  plan.made = now;
  plan.processors = facts.cpu.threads;
  plan.memory = facts.memory.total;
  plan.measured = measured.has_value();
  plan.wished = capacity_at(wish.mbit, facts, budgets, shares);
  for (const double mbit : kUsualMbit) {
    if (mbit != wish.mbit) plan.others.push_back(capacity_at(mbit, facts, budgets, shares));
  }
  plan.sessions = plan.wished.streams;
  plan.limited_by = plan.wished.limited_by;
  plan.conversions = shares.workers;
  if (measured) plan.rungs = measured->rungs;
  plan.settings = settings_of(facts, budgets, shares, wish, plan.sessions);
  plan.warnings = warnings_of(facts, plan);
  return plan;
}

}  // namespace carrel::hwtune
