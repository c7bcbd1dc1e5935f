#include "hwtune/watch/health.hpp"

#include <algorithm>

#include "hwtune/machine/read.hpp"

namespace carrel::hwtune {
namespace {

constexpr std::int64_t kAskDisksEvery = 600;  // seconds

}  // namespace

Health read_health(const machine::Root& root, std::int64_t now) {
  return {now, machine::read_strain(root), machine::read_sensors(root), machine::read_links(root), {}};
}

std::vector<DiskHealth> ask_disks(const std::vector<machine::Disk>& disks, const AskSmart& ask) {
  std::vector<DiskHealth> found;
  std::vector<std::string> devices;
  for (const auto& disk : disks) {
    if (disk.device.empty()) {
      for (const auto& path : disk.paths) {
        DiskHealth& unseen = found.emplace_back();
        unseen.path = path;
        unseen.why_not = "cannot be seen";
      }
      continue;
    }
    devices.push_back(disk.device);
    for (const auto& other : disk.beside) devices.push_back(other.device);
  }
  for (const auto& device : devices) {
    const bool known = std::ranges::find(found, device, &DiskHealth::device) != found.end();
    if (known) continue;
    const auto answer = ask(device);
    if (answer.has_value()) {
      found.push_back(parse_smart(device, *answer));
    } else {
      DiskHealth unknown;
      unknown.device = device;
      unknown.why_not = answer.error().message;
      if (answer.error().kind == ErrorKind::not_found) unknown.why_not += "; install smartmontools";
      found.push_back(std::move(unknown));
    }
  }
  return found;
}

const std::vector<DiskHealth>& DiskRounds::at(std::int64_t now) {
  // A clock that was set back would keep them from being asked until it is there again.
  if (!asked_at_ || now < *asked_at_ || now - *asked_at_ >= kAskDisksEvery) {
    auto said = ask_disks(find_(), ask_);
    for (auto& disk : said) {
      const auto before = std::ranges::find(said_, disk.device, &DiskHealth::device);
      if (!disk.asleep || before == said_.end() || !before->why_not.empty()) continue;
      disk = *before;
      disk.asleep = true;
      disk.celsius.reset();
    }
    said_ = std::move(said);
    asked_at_ = now;
  }
  return said_;
}

}  // namespace carrel::hwtune
