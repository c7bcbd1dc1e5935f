#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hwtune/detect/probes.hpp"
#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/root.hpp"

namespace carrel::hwtune {

struct Places {
  std::vector<std::string> library;
  std::string data;
  std::string engine_socket = "/var/run/docker.sock";
  std::string image = "carrel-streamer";        ///< of a sandbox
  std::uint64_t memory_reserve = 128ULL << 20;  ///< bytes that carreld leaves available
};

struct Detected {
  machine::Facts facts;
  Engine engine;
};

/// Looks at everything; changes nothing. Blocks for as long as the engine takes to answer, at most 20 s.
[[nodiscard]] Detected detect(const machine::Root& root, const Probes& probes, const Places& places);

/// The disks below the library and the data, as far as the kernel knows them: this waits for no disk and no
/// engine.
[[nodiscard]] std::vector<machine::Disk> find_disks(const machine::Root& root, const Places& places);

/// Absolute, and on the real machine without links in the way.
[[nodiscard]] std::string resolved(const std::string& path, bool real);

/// "4 processors, Intel(R) Core(TM) i5-3470, 8 GiB": enough to tell that a plan is another machine's.
[[nodiscard]] std::string name_of_machine(const machine::Facts& facts);

}  // namespace carrel::hwtune
