#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "hwtune/machine/mounts.hpp"
#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

constexpr std::uint64_t kSector = 512;  // of sysfs, whatever the disk has
constexpr int kMostLayers = 8;
// How vendors or models of what QEMU, VirtualBox, VMware and Hyper-V show as SCSI or SATA disks begin.
constexpr std::array<std::string_view, 6> kMadeUp{"QEMU", "VBOX",         "VMware",
                                                  "Msft", "Virtual disk", "Virtual Disk"};

std::string last_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

/// "dm-0", which /dev/mapper knows by this name.
std::string mapped_device(const Root& root, const std::string& name) {
  for (const auto& device : root.list("sys/class/block")) {
    if (device.starts_with("dm-") && root.text("sys/class/block/" + device + "/dm/name") == name)
      return device;
  }
  return {};
}

/// The block device of a mount, "sda1": by its number, else (btrfs has numbers of its own) by its name.
std::string block_device(const Root& root, const Mount& mount) {
  if (const auto target = root.link("sys/dev/block/" + mount.device)) return last_name(*target);
  const std::string name = last_name(mount.source);
  if (mount.source.starts_with("/dev/mapper/")) return mapped_device(root, name);
  const bool known =
      !name.empty() && mount.source.starts_with("/dev/") && root.exists("sys/class/block/" + name);
  return known ? name : std::string();
}

/// sda1 → sda; the link of a partition leads through its disk.
std::string whole_disk(const Root& root, const std::string& name) {
  if (!root.exists("sys/class/block/" + name + "/partition")) return name;
  const auto target = root.link("sys/class/block/" + name);
  if (!target) return name;
  return std::filesystem::path(*target).parent_path().filename().string();
}

/// The disks below a block device, and the layers in between, each once.
void find_below(const Root& root, const std::string& device, int depth, std::vector<std::string>& layers,
                std::vector<std::string>& disks) {
  const std::string name = whole_disk(root, device);
  const auto below = root.list("sys/class/block/" + name + "/slaves");
  const bool lowest = below.empty() || depth == kMostLayers;
  auto& known = lowest ? disks : layers;
  if (std::ranges::find(known, name) != known.end()) return;
  known.push_back(name);
  if (lowest) return;
  for (const auto& each : below) find_below(root, each, depth + 1, layers, disks);
}

/// btrfs may lie on several devices, of which a mount tells one.
std::vector<std::string> devices_of(const Root& root, const std::string& block,
                                    const std::string& file_system) {
  if (file_system != "btrfs") return {block};
  for (const auto& each : root.list("sys/fs/btrfs")) {
    auto devices = root.list("sys/fs/btrfs/" + each + "/devices");
    if (std::ranges::find(devices, block) != devices.end()) return devices;
  }
  return {block};
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const auto comma = options.find(',');
    if (options.substr(0, comma) == wanted) return true;
    options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
  }
  return false;
}

std::vector<std::string> without_brackets(std::string_view text) {
  std::vector<std::string> words;
  for (auto word : words_of(text)) {
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    words.emplace_back(word);
  }
  return words;
}

void read_device(const Root& root, Disk& disk) {
  const std::string device = "sys/class/block/" + disk.device + "/";
  const std::string queue = device + "queue/";
  disk.vendor = root.text(device + "device/vendor");
  disk.model = root.text(device + "device/model");
  if (const auto sectors = root.number(device + "size")) {
    disk.size = static_cast<std::uint64_t>(*sectors) * kSector;
  }
  if (const auto rotating = root.number(queue + "rotational")) disk.rotating = *rotating != 0;
  if (const auto schedulers = root.text(queue + "scheduler")) {
    disk.scheduler = chosen_in(*schedulers);
    if (!disk.scheduler) disk.scheduler = *schedulers;
    disk.schedulers = without_brackets(*schedulers);
  }
  disk.queue_depth = root.number(device + "device/queue_depth");
  disk.requests = root.number(queue + "nr_requests");
  disk.trims = root.number(queue + "discard_max_bytes").value_or(0) > 0;
}

Disk disk_of(const Root& root, const Mount& mount) {
  Disk disk;
  disk.mount_point = mount.point;
  disk.file_system = mount.file_system;
  disk.options = mount.options;
  disk.source = mount.source;
  disk.trims_at_once = has_option(mount.options, "discard");
  const std::string block = block_device(root, mount);
  if (block.empty()) return disk;
  std::vector<std::string> disks;
  for (const auto& device : devices_of(root, block, mount.file_system)) {
    find_below(root, device, 0, disk.layers, disks);
  }
  if (disks.empty()) return disk;  // only a tree can have layers in a ring
  disk.device = disks.front();
  read_device(root, disk);
  disk.read_ahead_kib = root.number("sys/class/block/" + disk.reads_ahead() + "/queue/read_ahead_kb");
  for (auto name = disks.begin() + 1; name != disks.end(); ++name) {
    disk.beside.emplace_back().device = *name;
    read_device(root, disk.beside.back());
  }
  return disk;
}

}  // namespace

bool is_virtual(const Disk& disk) {
  if (disk.device.starts_with("vd") || disk.device.starts_with("xvd")) return true;
  return std::ranges::any_of(kMadeUp, [&](std::string_view name) {
    return disk.vendor.value_or("").starts_with(name) || disk.model.value_or("").starts_with(name);
  });
}

std::vector<Disk> read_disks(const Root& root, const std::vector<std::string>& paths) {
  std::vector<Disk> disks;
  const auto content = root.read("proc/self/mountinfo");
  if (content.has_error()) return disks;
  const auto mounts = parse_mounts(*content);
  for (const auto& path : paths) {
    const auto mount = mount_of(mounts, path);
    if (!mount) continue;
    const auto known = std::ranges::find(disks, mount->point, &Disk::mount_point);
    if (known != disks.end()) {
      known->paths.push_back(path);
    } else {
      disks.push_back(disk_of(root, *mount));
      disks.back().paths.push_back(path);
    }
  }
  return disks;
}

}  // namespace carrel::machine
