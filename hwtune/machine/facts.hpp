#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a machine is. What it does not tell is absent, never guessed.
namespace carrel::machine {

struct Cpu {
  std::string model;
  unsigned sockets = 0;
  unsigned cores = 0;
  unsigned threads = 0;
  std::vector<std::string> features;  ///< of those that matter for video and TLS: avx, avx2, aes, neon, …
  std::optional<std::int64_t> max_mhz;
  std::optional<std::string> governor;  ///< of all processors, or "mixed"
  std::vector<std::string> governors;   ///< that can be had
  std::optional<std::string> driver;    ///< of the frequency
  std::optional<double> quota;          ///< CPUs that the control group of this machine, a container, allows
};

struct Trip {
  std::string kind;  ///< "passive", "critical", …
  double celsius = 0;
};

struct Sensor {
  std::string name;
  double celsius = 0;
  std::vector<Trip> trips;
};

struct Memory {
  std::uint64_t total = 0;  ///< bytes; the control group's bound when it is less
  std::optional<std::uint64_t> available;
  std::uint64_t swap_total = 0;
  std::uint64_t swap_free = 0;
};

struct Disk {
  std::vector<std::string> paths;  ///< of the library or the data that are on it
  bool library = false;            ///< one of them is the library's; told by whoever knows them
  std::string mount_point;
  std::string file_system;
  std::string options;  ///< of the mount
  std::string source;
  std::string device;               ///< whole disk, "sda"; empty: none behind it
  std::vector<std::string> layers;  ///< "dm-0", "md0", from the file system down to the disk
  std::vector<Disk> beside;  ///< further disks below the same layers, of which only these facts are told
  std::optional<std::string> vendor;
  std::optional<std::string> model;
  std::optional<std::uint64_t> size;  ///< bytes
  std::optional<bool> rotating;
  std::optional<std::string> scheduler;
  std::vector<std::string> schedulers;         ///< that can be had
  std::optional<std::int64_t> queue_depth;     ///< requests that the device takes at once
  std::optional<std::int64_t> requests;        ///< that the kernel queues
  std::optional<std::int64_t> read_ahead_kib;  ///< of files: of what the file system lies on
  bool trims = false;                          ///< it can discard
  bool trims_at_once = false;                  ///< the mount has "discard"
  std::optional<std::uint64_t> free;           ///< bytes, for anybody but root
  std::optional<std::uint64_t> total;          ///< bytes of the file system

  /// Whose read-ahead files have; empty: they have one of their file system's (btrfs).
  [[nodiscard]] std::string reads_ahead() const {
    if (file_system == "btrfs") return {};
    return layers.empty() ? device : layers.front();
  }
};

/// A host makes it up: whether it rotates, and what schedules it, is not for this machine to know.
[[nodiscard]] bool is_virtual(const Disk& disk);

struct Link {
  std::string name;
  bool physical = false;
  bool wireless = false;
  bool way_out = false;  ///< the default route leads over it
  std::string state;     ///< "up", "down", …
  std::optional<std::int64_t> mbit;
  std::optional<std::string> duplex;
  std::optional<std::int64_t> mtu;
  std::optional<std::string> driver;
  std::optional<std::string> qdisc;
  std::optional<std::map<std::string, bool>> offloads;
  std::uint64_t errors = 0;  ///< received and sent, since it is up
  std::uint64_t dropped = 0;
  std::uint64_t carrier_changes = 0;
};

struct Cgroups {
  std::string version;  ///< "v2", "v1", "hybrid"; empty: none mounted
  std::vector<std::string> controllers;
};

struct Encoder {
  std::string node;  ///< "/dev/dri/renderD128"
  std::string driver;
  std::string kind;  ///< "VAAPI (Intel Quick Sync)", …
};

struct Facts {
  std::string kernel;
  std::optional<std::string> board;  ///< what the device tree or the firmware says of itself
  Cpu cpu;
  std::vector<Sensor> sensors;
  Memory memory;
  std::vector<Disk> disks;
  std::vector<Link> links;
  Cgroups cgroups;
  std::vector<Encoder> encoders;
  std::map<std::string, std::string> sysctls;  ///< those that hwtune knows, by their names ("vm.swappiness")
};

}  // namespace carrel::machine
