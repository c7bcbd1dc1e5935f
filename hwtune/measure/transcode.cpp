#include "hwtune/measure/transcode.hpp"

#include "base/x264_preset.hpp"
#include "hwtune/machine/text.hpp"
#include "hwtune/measure/program.hpp"

namespace carrel::hwtune {
namespace {

constexpr double kMicro = 1e6;

/// The last "out_time_us=…" of ffmpeg's -progress.
double seconds_made(std::string_view progress) {
  double seconds = 0;
  for (const auto line : machine::lines_of(progress)) {
    constexpr std::string_view kKey = "out_time_us=";
    if (!line.starts_with(kKey)) continue;
    seconds = machine::fraction_of(line.substr(kKey.size())).value_or(0) / kMicro;
  }
  return seconds;
}

}  // namespace

Result<RungSpeed> measure_rung(unsigned height, const Bounds& bounds) {
  const std::string lines = std::to_string(height);
  const Watch watch;
  const auto progress = run_program({"ffmpeg",
                                     "-nostdin",
                                     "-v",
                                     "error",
                                     "-filter_threads",
                                     "1",
                                     "-f",
                                     "lavfi",
                                     "-i",
                                     "testsrc2=size=1920x1080:rate=25",
                                     "-vf",
                                     "scale=-2:" + lines,
                                     "-c:v",
                                     "libx264",
                                     "-preset",
                                     x264_preset(height),
                                     "-threads",
                                     "1",
                                     "-stats_period",
                                     "0.1",
                                     "-progress",
                                     "pipe:1",
                                     "-f",
                                     "null",
                                     "-"},
                                    bounds.seconds);
  if (progress.has_error()) return progress.error();
  const double seconds = watch.seconds();
  const double made = seconds_made(*progress);
  if (made <= 0)
    return make_error(ErrorKind::unavailable, "ffmpeg made nothing of " + lines + " lines in time");
  return RungSpeed{lines + "p", made / seconds};
}

}  // namespace carrel::hwtune
