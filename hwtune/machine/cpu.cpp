#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

constexpr char kCpus[] = "sys/devices/system/cpu";
constexpr std::array<std::string_view, 9> kFeatures{"sse4_2", "avx", "avx2",  "avx512f", "aes",
                                                    "sha_ni", "fma", "asimd", "neon"};

struct Counts {
  std::set<std::string> sockets;
  std::set<std::pair<std::string, std::string>> cores;
};

bool is_numbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && number_of(name.substr(prefix.size())).has_value();
}

Counts counts_of(const Root& root) {
  Counts counts;
  for (const auto& name : root.list(kCpus)) {
    if (!is_numbered(name, "cpu")) continue;
    const std::string topology = std::string(kCpus) + "/" + name + "/topology/";
    const auto core = root.text(topology + "core_id");
    if (!core) continue;
    const auto socket = root.text(topology + "physical_package_id").value_or("0");
    counts.sockets.insert(socket);
    counts.cores.emplace(socket, *core);
  }
  return counts;
}

std::vector<std::string> features_of(std::string_view cpuinfo) {
  const auto flags = field_of(cpuinfo, "flags");
  const auto words = words_of(flags ? *flags : field_of(cpuinfo, "Features").value_or(""));
  std::vector<std::string> found;
  for (const auto feature : kFeatures) {
    if (std::ranges::find(words, feature) != words.end()) found.emplace_back(feature);
  }
  return found;
}

std::string model_of(const Root& root, std::string_view cpuinfo) {
  for (const auto* name : {"model name", "Model", "Hardware", "cpu model"}) {
    if (const auto found = field_of(cpuinfo, name)) return std::string(*found);
  }
  return root.text("proc/device-tree/model").value_or("");
}

void read_frequency(const Root& root, Cpu& cpu) {
  const std::string policies = std::string(kCpus) + "/cpufreq";
  for (const auto& name : root.list(policies)) {
    if (!name.starts_with("policy")) continue;
    const std::string policy = policies + "/" + name + "/";
    const auto governor = root.text(policy + "scaling_governor");
    if (governor) cpu.governor = cpu.governor.value_or(*governor) == *governor ? *governor : "mixed";
    if (!cpu.driver) cpu.driver = root.text(policy + "scaling_driver");
    if (cpu.governors.empty()) {
      const auto all = root.text(policy + "scaling_available_governors").value_or("");
      for (const auto each : words_of(all)) cpu.governors.emplace_back(each);
    }
    const auto khz = root.number(policy + "cpuinfo_max_freq");
    if (khz) cpu.max_mhz = std::max(cpu.max_mhz.value_or(0), *khz / 1000);
  }
}

std::optional<double> quota_of(const Root& root) {
  double quota = 0;
  double period = 0;
  if (const auto text = root.text("sys/fs/cgroup/cpu.max")) {
    const auto words = words_of(*text);
    if (words.size() != 2) return std::nullopt;
    quota = fraction_of(words[0]).value_or(0);
    period = fraction_of(words[1]).value_or(0);
  } else {
    quota = static_cast<double>(root.number("sys/fs/cgroup/cpu/cpu.cfs_quota_us").value_or(0));
    period = static_cast<double>(root.number("sys/fs/cgroup/cpu/cpu.cfs_period_us").value_or(0));
  }
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

}  // namespace

Cpu read_cpu(const Root& root) {
  Cpu cpu;
  const auto content = root.read("proc/cpuinfo");
  const std::string cpuinfo = content ? *content : std::string();
  cpu.model = model_of(root, cpuinfo);
  cpu.features = features_of(cpuinfo);
  for (const auto line : lines_of(cpuinfo)) {
    if (trimmed(line.substr(0, line.find(':'))) == "processor") ++cpu.threads;
  }
  const Counts counts = counts_of(root);
  cpu.cores = counts.cores.empty() ? cpu.threads : static_cast<unsigned>(counts.cores.size());
  cpu.sockets = std::max(1U, static_cast<unsigned>(counts.sockets.size()));
  read_frequency(root, cpu);
  cpu.quota = quota_of(root);
  return cpu;
}

}  // namespace carrel::machine
