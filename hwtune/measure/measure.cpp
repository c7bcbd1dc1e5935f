#include "hwtune/measure/measure.hpp"

#include <algorithm>
#include <array>

#include "hwtune/measure/loopback.hpp"
#include "hwtune/measure/reads.hpp"
#include "hwtune/measure/spawn.hpp"
#include "hwtune/measure/transcode.hpp"

namespace carrel::hwtune {
namespace {

constexpr std::array<unsigned, 3> kRungs{720, 480, 360};

class Measuring {
 public:
  Measuring(const MeasureOrder& order, std::int64_t now) : order_(order) {
    measured_.at = now;
    measured_.machine = order.machine;
  }

  Measured done() {
    for (const auto& path : order_.library) reads(path, &Measuring::film_file, "the films in ");
    if (!order_.data.empty()) reads(order_.data, &Measuring::scratch, "the data in ");
    if (order_.library.empty()) missed("reading films", "no library is configured; name one with --library");
    keep("sendfile", measured_.sendfile, [&] { return measure_sendfile(order_.bounds); });
    keep("pacing", measured_.pacing, [&] { return measure_pacing(order_.bounds); });
    keep("starting containers", measured_.spawn,
         [&] { return measure_spawn(order_.engine_socket, order_.image, order_.bounds); });
    for (const unsigned height : kRungs) rung(height);
    order_.progress("");
    return std::move(measured_);
  }

 private:
  Result<BigFile> film_file(const std::string& path) const { return big_file_in(path); }
  Result<BigFile> scratch(const std::string& path) const { return scratch_file_in(path, order_.bounds); }

  bool goes_on(const std::string& what) {
    if (order_.bounds.stopped()) {
      missed(what, "stopped");
      return false;
    }
    order_.progress("measuring " + what + " …");
    return true;
  }

  void missed(std::string what, std::string why) {
    measured_.not_measured.push_back({std::move(what), std::move(why)});
  }

  void reads(const std::string& path, Result<BigFile> (Measuring::*open)(const std::string&) const,
             const std::string& what) {
    if (!goes_on(what + path)) return;
    const auto file = (this->*open)(path);
    if (file.has_error()) {
      missed("reading " + what + path, file.error().message);
      return;
    }
    for (auto speed : read_speeds(*file, order_.bounds)) {
      speed.path = path;
      for (const auto& disk : order_.facts.disks) {
        if (std::ranges::find(disk.paths, path) != disk.paths.end()) speed.device = disk.device;
      }
      measured_.reads.push_back(std::move(speed));
    }
  }

  template <class T, class Measure>
  void keep(const std::string& what, std::optional<T>& into, Measure take) {
    if (!goes_on(what)) return;
    auto result = take();
    if (result.has_error()) {
      missed(what, result.error().message);
    } else {
      into = std::move(*result);
    }
  }

  void rung(unsigned height) {
    std::optional<RungSpeed> speed;
    keep("conversion to " + std::to_string(height) + " lines", speed,
         [&] { return measure_rung(height, order_.bounds); });
    if (speed) measured_.rungs.push_back(std::move(*speed));
  }

  const MeasureOrder& order_;
  Measured measured_;
};

}  // namespace

Measured measure(const MeasureOrder& order, std::int64_t now) {
  return Measuring(order, now).done();
}

}  // namespace carrel::hwtune
