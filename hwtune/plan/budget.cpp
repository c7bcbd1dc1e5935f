#include "hwtune/plan/budget.hpp"

#include <algorithm>

namespace carrel::hwtune {
namespace {

constexpr double kBitsOfMegabyte = 8;
constexpr double kMega = 1e6;
constexpr double kHeaders = 1.04;  // Ethernet, IP and TCP on a segment of 1448 bytes
// Requests, their logging and measuring, and a share for sound that is made anew.
constexpr double kCpusBeside = 0.02;
constexpr double kGuessedMsPerMb = 3;           // of a slow processor
constexpr std::int64_t kGuessedRadioMbit = 40;  // of Wi-Fi at 2.4 GHz, through a wall
constexpr std::uint64_t kDaemon = 256ULL << 20;
constexpr std::size_t kRandomBlock = 1 << 20;

/// Megabytes a second, many reading at once; low for the kind.
double guessed_speed(const machine::Disk* disk, std::string& kind) {
  if (disk == nullptr || disk->device.empty()) return kind = "disk of unknown kind", 50;
  if (is_virtual(*disk)) return kind = "virtual disk", 80;
  if (disk->device.starts_with("mmcblk")) return kind = "memory card", 20;
  if (disk->rotating.value_or(false)) return kind = "rotating disk", 40;
  if (disk->device.starts_with("nvme")) return kind = "NVMe", 1000;
  return kind = "SSD", 250;
}

/// The slowest of the disk's: a scratch file, new and small, may be read faster than a film on the same disk.
std::optional<double> measured_speed(const Measured& measured, const machine::Disk& disk) {
  std::optional<double> found;
  for (const auto& read : measured.reads) {
    const bool here = std::ranges::find(disk.paths, read.path) != disk.paths.end();
    // Many readers make of every order a random one, in blocks as large as the read-ahead.
    if (here && read.pattern == "random" && read.block == kRandomBlock && read.mb_per_s > 0) {
      found = std::min(found.value_or(read.mb_per_s), read.mb_per_s);
    }
  }
  return found;
}

/// One that tells no speed bounds nothing, but for radio.
void set_link(Budgets& budgets, const machine::Link& link) {
  budgets.link_told = link.mbit.has_value();
  if (!link.mbit && !link.wireless) return;
  budgets.link_mbit = link.mbit.value_or(kGuessedRadioMbit);
  const double both_ways = link.duplex == "half" ? 0.5 : 1;
  budgets.link_bytes = film_bytes(static_cast<double>(budgets.link_mbit)) * kLinkShare * both_ways;
}

/// The slowest of the library's: nobody says how many viewers want its films.
void set_disk(Budgets& budgets, const machine::Facts& facts, const std::optional<Measured>& measured) {
  std::optional<double> least;
  for (const auto* disk : library_disks(facts)) {
    std::string kind;
    const double guessed = guessed_speed(disk, kind);
    const auto found = measured ? measured_speed(*measured, *disk) : std::nullopt;
    const double speed = found.value_or(guessed);
    if (least && *least <= speed) continue;
    least = speed;
    budgets.disk_measured = found.has_value();
    budgets.disk_kind = kind;
  }
  if (!least) least = guessed_speed(nullptr, budgets.disk_kind);
  budgets.disk_bytes = *least * kMega * kDiskShare;
}

}  // namespace

std::vector<const machine::Disk*> library_disks(const machine::Facts& facts) {
  std::vector<const machine::Disk*> disks;
  for (const auto& disk : facts.disks) {
    if (disk.library) disks.push_back(&disk);
  }
  if (disks.empty() && !facts.disks.empty()) disks.push_back(&facts.disks.front());
  return disks;
}

unsigned read_ahead_kib_for(const machine::Disk& disk) {
  if (disk.rotating.value_or(false) && !is_virtual(disk)) return 2048;
  return disk.device.starts_with("nvme") ? 256 : 512;
}

double film_bytes(double mbit) {
  return mbit / kBitsOfMegabyte * kMega;
}

double wire_bytes(double mbit) {
  return film_bytes(mbit) * kHeaders;
}

double cpus_of_stream(const Budgets& budgets, double mbit) {
  return film_bytes(mbit) / kMega * budgets.cpu_ms_per_mb / 1000 + kCpusBeside;
}

Budgets budgets_of(const machine::Facts& facts, const std::optional<Measured>& measured) {
  Budgets budgets;
  budgets.cpus = facts.cpu.quota.value_or(facts.cpu.threads) * kCpuShare;
  budgets.cpu_ms_per_mb = kGuessedMsPerMb;
  if (measured && measured->sendfile && measured->sendfile->cpu_ms_per_mb > 0) {
    // The receiving half of loopback is not the server's work, but a network card's interrupts are.
    budgets.cpu_ms_per_mb = measured->sendfile->cpu_ms_per_mb;
    budgets.cpu_measured = true;
  }
  const auto share = static_cast<std::uint64_t>(static_cast<double>(facts.memory.total) * kMemoryShare);
  budgets.memory = share - std::min({kDaemon, facts.memory.total / 8, share});
  if (!facts.links.empty()) set_link(budgets, facts.links.front());
  set_disk(budgets, facts, measured);
  return budgets;
}

}  // namespace carrel::hwtune
