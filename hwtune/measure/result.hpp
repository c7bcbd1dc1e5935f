#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

/// What was measured on a machine, and what was not and why.
namespace carrel::hwtune {

struct ReadSpeed {
  std::string path;     ///< of the library or the data
  std::string device;   ///< below it; may be empty
  std::string pattern;  ///< "sequential" or "random"
  std::uint64_t block = 0;
  double mb_per_s = 0;  ///< 10^6 bytes
  double p99_ms = 0;    ///< of one read
};

struct Sendfile {
  double mb_per_s = 0;
  double cpu_ms_per_mb = 0;  ///< of the sender, system calls and all
};

struct Pacing {
  double asked_mb_per_s = 0;
  double got_mb_per_s = 0;
  std::uint64_t kernel_bytes = 0;  ///< that the sending socket held in the kernel at most
};

struct Spawn {
  unsigned count = 0;
  double create_ms = 0;  ///< medians
  double start_ms = 0;
};

struct RungSpeed {
  std::string rung;       ///< "720p"
  double times_real = 0;  ///< seconds of film made in one second, on one CPU
};

/// What sending a film of a bit rate costs, reckoned from what was measured once.
struct StreamCost {
  double mbit = 0;
  double cpu_percent = 0;                     ///< of one CPU: sendfile's CPU time a megabyte, times the rate
  std::optional<std::uint64_t> kernel_bytes;  ///< those of the paced socket of 8 Mbit/s, whatever the rate
};

struct NotMeasured {
  std::string what;
  std::string why;
};

struct Measured {
  std::int64_t at = 0;
  std::string machine;
  std::vector<ReadSpeed> reads;
  std::optional<Sendfile> sendfile;
  std::optional<Pacing> pacing;
  std::optional<Spawn> spawn;
  std::vector<RungSpeed> rungs;
  std::vector<NotMeasured> not_measured;
};

/// At usual bit rates; none where sendfile was not measured.
[[nodiscard]] std::vector<StreamCost> stream_costs(const Measured& measured);

/// With the stream_costs(), which are for whoever reads it: measured_from() reckons them anew.
[[nodiscard]] nlohmann::json json_of(const Measured& measured);
/// For the file. Paths may be of any bytes, those that are no UTF-8 are replaced.
[[nodiscard]] std::string text_of(const Measured& measured);
/// ErrorKind::invalid when it is not what json_of() makes, or a figure cannot be.
[[nodiscard]] Result<Measured> measured_from(const std::string& text);

}  // namespace carrel::hwtune
