#include "hwtune/tune/wanted.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"
#include "hwtune/plan/budget.hpp"
#include "hwtune/plan/plan.hpp"
#include "hwtune/tune/sysctl_files.hpp"

namespace carrel::hwtune::tune {
namespace {

using machine::number_of;

constexpr std::int64_t kTenGigabit = 10000;
constexpr char kHeader[] =
    "# Made by carrel-hwtune apply. Do not edit: carrel-hwtune revert takes it away, and leaves it when it "
    "was "
    "edited.\n";

enum class Towards { at_least, at_most, exactly };

struct Rule {
  const char* name;
  Towards towards;
  std::int64_t value;
  const char* why;
};

constexpr std::array<Rule, 9> kRules{{
    {"net.core.netdev_max_backlog", Towards::at_least, 2000, "packets that wait for a processor"},
    {"net.core.rmem_max", Towards::at_least, 4194304, "receive buffers of long ways: uploads"},
    {"net.core.somaxconn", Towards::at_least, 4096, "connections that wait to be accepted"},
    {"net.core.wmem_max", Towards::at_least, 4194304, "send buffers of long ways"},
    {"net.ipv4.tcp_max_syn_backlog", Towards::at_least, 2048, "connections that are being made"},
    {"net.ipv4.tcp_slow_start_after_idle", Towards::exactly, 0,
     "a player that paused gets its full speed at once"},
    {"vm.dirty_background_ratio", Towards::at_most, 3, "conversions are written out early, in small pieces"},
    {"vm.dirty_ratio", Towards::at_most, 10, "and never so much at once that readers wait for it"},
    {"vm.swappiness", Towards::at_most, 10, "sandboxes stay in memory; the cache of films gives way"},
}};

bool is_met(const Rule& rule, std::int64_t now, std::int64_t value) {
  switch (rule.towards) {
    case Towards::at_least: return now >= value;
    case Towards::at_most: return now <= value;
    case Towards::exactly: return now == value;
  }
  return true;
}

class Wishes {
 public:
  Wishes(const machine::Root& root, const machine::Facts& facts, const Untouched& untouched)
      : root_(root), facts_(facts), untouched_(untouched), sysctl_files_(root) {}

  Wanted made() {
    for (const auto& [path, before] : untouched_) {
      if (sysctl_files_.decision_on(path)) wanted_.others.push_back(path);
    }
    for (const auto& rule : kRules) add_rule(rule);
    add_qdisc();
    add_disks();
    add_governor();
    if (!sysctls_.empty()) wanted_.files.push_back({kSysctlFile, kHeader + sysctls_});
    if (!rules_.empty()) wanted_.files.push_back({kUdevFile, kHeader + rules_});
    if (!writes_.empty()) wanted_.files.push_back({kTmpfilesFile, kHeader + writes_});
    return std::move(wanted_);
  }

 private:
  /// From before hwtune changed it.
  std::optional<std::string> original(const std::string& path) const {
    const auto known = std::ranges::find(untouched_, path, &Untouched::value_type::first);
    if (known != untouched_.end()) return meaning_of(known->second);
    const auto text = root_.text(path);
    if (!text) return std::nullopt;
    return meaning_of(*text);
  }

  bool is_others(const std::string& name) {
    const auto decision = sysctl_files_.decision_on(machine::path_of_sysctl(name));
    if (!decision) return false;
    wanted_.left.push_back(name + ": " + *decision);
    return true;
  }

  /// Root of a container may not write all that it sees. Whoever is not root is told what root could do.
  bool can_be_set(const std::string& path, const std::string& name) {
    if (root_.is_real() && ::geteuid() != 0) return true;
    const auto opened = root_.open_at(path, O_WRONLY);
    if (opened.has_value()) return true;
    wanted_.left.push_back(name + ": it cannot be set here: " + opened.error().message);
    wanted_.others.push_back(path);
    return false;
  }

  bool add(const std::string& path, const std::string& name, const std::string& value,
           const std::string& why) {
    if (!can_be_set(path, name)) return false;
    wanted_.live.push_back({path, name, meaning_of(root_.text(path).value_or("")), value, why});
    return true;
  }

  void add_sysctl(const std::string& name, const std::string& value, const std::string& why) {
    if (!add(machine::path_of_sysctl(name), name, value, why)) return;
    sysctls_ += name + " = " + value + "\n";
  }

  void add_rule(const Rule& rule) {
    const auto text = original(machine::path_of_sysctl(rule.name));
    if (!text) return;  // this kernel does not have it
    const auto now = number_of(*text);
    if (!now) {
      wanted_.left.push_back(std::string(rule.name) + ": \"" + *text + "\" is not understood");
      return;
    }
    std::int64_t value = rule.value;
    const bool fast = !facts_.links.empty() && facts_.links.front().mbit.value_or(0) >= kTenGigabit;
    if (fast && std::string_view(rule.name) == "net.core.netdev_max_backlog") value *= 5;
    if (is_met(rule, *now, value) || is_others(rule.name) || is_in_bytes(rule.name)) return;
    add_sysctl(rule.name, std::to_string(value), rule.why);
  }

  /// The kernel has one of the two, and setting the ratio would take the bytes away.
  bool is_in_bytes(std::string name) {
    if (!name.ends_with("_ratio")) return false;
    name.replace(name.size() - 5, 5, "bytes");
    const auto bytes = original(machine::path_of_sysctl(name)).value_or("0");
    if (bytes == "0") return false;
    wanted_.left.push_back(name + ": set to " + bytes + " by somebody");
    return true;
  }

  void add_qdisc() {
    const std::string name = "net.core.default_qdisc";
    const auto now = original(machine::path_of_sysctl(name));
    if (!now || *now == "fq" || is_others(name)) return;
    if (*now != "pfifo_fast" && *now != "fq_codel") {
      wanted_.left.push_back(name + ": \"" + *now + "\" is somebody's choice");
      return;
    }
    add_sysctl(name, "fq", "paces each stream in the kernel; links have it from their next start on");
  }

  static std::vector<std::string> best_schedulers(const machine::Disk& disk) {
    // bfq and cfq keep to the weights that sandboxes and converters have.
    if (disk.rotating.value_or(false)) return {"bfq", "cfq", "mq-deadline", "deadline"};
    if (disk.device.starts_with("nvme")) return {"none"};
    return {"mq-deadline", "none"};
  }

  /// A queue of a disk, or of what lies above disks: those have schedulers, and the topmost reads ahead.
  struct Queue {
    std::string name;
    const machine::Disk* schedules = nullptr;
    const machine::Disk* reads_ahead = nullptr;
  };

  static Queue& named(std::vector<Queue>& queues, const std::string& name) {
    const auto known = std::ranges::find(queues, name, &Queue::name);
    return known != queues.end() ? *known : queues.emplace_back(Queue{name});
  }

  void add_disks() {
    std::vector<Queue> queues;
    for (const auto& disk : facts_.disks) {
      if (disk.device.empty()) {
        for (const auto& path : disk.paths) wanted_.left.push_back("disk of " + path + ": cannot be seen");
        continue;
      }
      named(queues, disk.device).schedules = &disk;
      for (const auto& other : disk.beside) named(queues, other.device).schedules = &other;
      const std::string top = disk.reads_ahead();
      if (!top.empty() && !is_virtual(disk)) named(queues, top).reads_ahead = &disk;
    }
    for (const auto& queue : queues) {
      if (queue.schedules != nullptr && is_virtual(*queue.schedules)) {
        wanted_.left.push_back(queue.name + ": a virtual disk; its host schedules it");
      } else {
        add_queue(queue);
      }
    }
  }

  /// As a part of a rule; empty: it stays.
  std::string add_scheduler(const std::string& folder, const machine::Disk& disk) {
    const auto listed = [&](const std::string& name) {
      return std::ranges::find(disk.schedulers, name) != disk.schedulers.end();
    };
    // A module of Debian's, which is not listed before it is loaded.
    const bool tells = !disk.schedulers.empty();
    if (disk.rotating.value_or(false) && tells && !listed("bfq") && !listed("cfq")) {
      wanted_.left.push_back(disk.device + ": scheduler: bfq is not loaded (modprobe bfq, then apply again)");
    }
    for (const auto& scheduler : best_schedulers(disk)) {
      if (!listed(scheduler)) continue;
      if (original(folder + "scheduler") == scheduler) return {};
      const bool added =
          add(folder + "scheduler", disk.device + ": scheduler", scheduler,
              disk.rotating.value_or(false) ? "shares the disk by weight" : "lets readers go before writers");
      if (!added) return {};
      return ", ATTR{queue/scheduler}=\"" + scheduler + "\"";
    }
    return {};
  }

  std::string add_read_ahead(const std::string& folder, const std::string& name, std::int64_t kib) {
    const auto text = original(folder + "read_ahead_kb");
    const auto now = text ? number_of(*text) : std::nullopt;
    if (text && !now) wanted_.left.push_back(name + ": a read-ahead of \"" + *text + "\" is not understood");
    if (!now || *now >= kib) return {};
    const bool added = add(folder + "read_ahead_kb", name + ": read-ahead, KiB", std::to_string(kib),
                           "films are read from front to back");
    if (!added) return {};
    return ", ATTR{queue/read_ahead_kb}=\"" + std::to_string(kib) + "\"";
  }

  void add_queue(const Queue& queue) {
    const std::string folder = "sys/class/block/" + queue.name + "/queue/";
    std::string attributes;
    if (queue.schedules != nullptr) attributes += add_scheduler(folder, *queue.schedules);
    if (queue.reads_ahead != nullptr)
      attributes += add_read_ahead(folder, queue.name, read_ahead_kib_for(*queue.reads_ahead));
    if (attributes.empty()) return;
    // Names move when disks are added; the kind is held against them.
    const bool rotating = root_.number(folder + "rotational").value_or(0) != 0;
    rules_ += "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", KERNEL==\"" +
              queue.name + "\", ATTR{queue/rotational}==\"" + (rotating ? "1" : "0") + "\"" + attributes +
              "\n";
  }

  void add_governor() {
    const auto& cpu = facts_.cpu;
    if (!cpu.driver) return;
    const bool follows = *cpu.driver == "intel_pstate" || *cpu.driver == "amd-pstate-epp";
    const bool has = std::ranges::find(cpu.governors, "schedutil") != cpu.governors.end();
    for (const auto& policy : root_.list(kPolicies)) {
      const std::string path = std::string(kPolicies) + "/" + policy + "/scaling_governor";
      const auto now = original(path);
      if (!now || *now == "performance" || *now == "schedutil") continue;
      if (follows || !has) {
        wanted_.left.push_back(
            policy + ": " + *now +
            (follows ? " follows the load, with " + *cpu.driver : "; schedutil is not to be had"));
        continue;
      }
      if (!add(path, policy + ": governor", "schedutil", "follows the load within milliseconds")) continue;
      writes_ += "w /" + path + " - - - - schedutil\n";
    }
  }

  static constexpr char kPolicies[] = "sys/devices/system/cpu/cpufreq";

  const machine::Root& root_;
  const machine::Facts& facts_;
  const Untouched& untouched_;
  SysctlFiles sysctl_files_;
  Wanted wanted_;
  std::string sysctls_;
  std::string rules_;
  std::string writes_;
};

}  // namespace

std::string meaning_of(const std::string& text) {
  if (const auto chosen = machine::chosen_in(text)) return *chosen;
  std::string words;
  for (const auto word : machine::words_of(text)) {
    if (!words.empty()) words += ' ';
    words += word;
  }
  return words;
}

Wanted wanted_of(const machine::Root& root, const machine::Facts& facts, const Untouched& untouched) {
  return Wishes(root, facts, untouched).made();
}

}  // namespace carrel::hwtune::tune
