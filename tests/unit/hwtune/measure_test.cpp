#include "hwtune/measure/measure.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.hpp"
#include "hwtune/measure/loopback.hpp"
#include "hwtune/measure/program.hpp"
#include "hwtune/measure/reads.hpp"
#include "hwtune/measure/spawn.hpp"
#include "hwtune/measure/transcode.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;

namespace {

constexpr double kLate = 20;  // seconds; nothing here may take more than one

hwtune::Bounds short_bounds() {
  hwtune::Bounds bounds;
  bounds.seconds = 0.3;
  bounds.bytes = 32U << 20;
  return bounds;
}

}  // namespace

TEST_CASE("sending takes some CPU and no more time than it may") {
  auto bounds = short_bounds();
  bounds.bytes = std::uint64_t{1} << 50;
  const hwtune::Watch watch;
  const auto sent = hwtune::measure_sendfile(bounds);
  CHECK(watch.seconds() >= bounds.seconds);
  CHECK(watch.seconds() < kLate);
  REQUIRE(sent.has_value());
  CHECK(sent->mb_per_s > 0);
  CHECK(sent->cpu_ms_per_mb > 0);
}

TEST_CASE("sending passes through memory no more than it may") {
  auto bounds = short_bounds();
  bounds.seconds = 3600;
  bounds.bytes = 1U << 20;
  const hwtune::Watch watch;
  CHECK(hwtune::measure_sendfile(bounds).has_value());
  CHECK(watch.seconds() < kLate);
}

TEST_CASE("pacing is held by the kernel, not by chance") {
  auto bounds = short_bounds();
  bounds.seconds = 1;
  const hwtune::Watch watch;
  const auto pacing = hwtune::measure_pacing(bounds);
  CHECK(watch.seconds() < kLate);
  REQUIRE(pacing.has_value());
  CHECK(pacing->asked_mb_per_s == 1);
  // Of 0.75 s; who receives may be held up by what else runs.
  CHECK(pacing->got_mb_per_s < 1.25);
  CHECK(pacing->got_mb_per_s > 0.5);
}

TEST_CASE("a scratch file has no name, and is as large as it may be") {
  const support::TemporaryDirectory folder;
  const auto file = hwtune::scratch_file_in(folder.path().string(), short_bounds());
  REQUIRE(file.has_value());
  CHECK(file->size >= 16U << 20);
  CHECK(file->size <= 32U << 20);
  CHECK(std::filesystem::is_empty(folder.path()));
  const auto speeds = hwtune::read_speeds(*file, short_bounds());
  REQUIRE(speeds.size() == 3);
  for (const auto& speed : speeds) CHECK(speed.mb_per_s > 0);
  CHECK(speeds[1].pattern == "random");
  CHECK(speeds[2].block == 131072);
}

TEST_CASE("the largest film is read; small files and links are none") {
  const support::TemporaryDirectory folder;
  CHECK(hwtune::big_file_in(folder.path().string()).error().kind == ErrorKind::not_found);
  std::ofstream(folder.path() / "small.mp4") << "x";
  std::filesystem::create_directories(folder.path() / "a/b");
  std::ofstream(folder.path() / "a/b/large.mp4") << "x";
  std::filesystem::resize_file(folder.path() / "a/b/large.mp4", 20U << 20);
  std::filesystem::create_symlink("/dev/zero", folder.path() / "zero.mp4");
  const auto file = hwtune::big_file_in(folder.path().string());
  REQUIRE(file.has_value());
  CHECK(file->size == 20U << 20);
}

TEST_CASE("programs run without a shell and end in time") {
  const auto echo = hwtune::run_program({"echo", "$HOME; ls"}, 5);
  REQUIRE(echo.has_value());
  CHECK(*echo == "$HOME; ls\n");
  const hwtune::Watch watch;
  const auto endless = hwtune::run_program({"yes"}, 0.2);
  REQUIRE(endless.has_value());
  CHECK(watch.seconds() < kLate);
  CHECK(endless->size() < 2U << 20);
  CHECK(hwtune::run_program({"carrel-no-such-program"}, 1).error().kind == ErrorKind::not_found);
}

TEST_CASE("a program that cannot be ended is left to itself") {
  const support::TemporaryDirectory folder;
  const std::string number = folder.path() / "number", go = folder.path() / "go";
  REQUIRE(::mkfifo(number.c_str(), 0600) == 0);
  REQUIRE(::mkfifo(go.c_str(), 0600) == 0);
  const pid_t running = ::fork();
  if (running == 0) {
    const auto ran = hwtune::run_program({"sh", "-c", "echo $$ >" + number + "; read x <" + go}, kLate);
    ::_exit(ran.has_value() ? 0 : 1);
  }
  // Whoever traces a process keeps its parent waiting for its end, as a disk does that does not answer.
  pid_t program = 0;
  std::ifstream(number) >> program;
  REQUIRE(::ptrace(PTRACE_SEIZE, program, nullptr, nullptr) == 0);
  std::ofstream(go) << "on\n";
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, running, 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  CHECK(::poll(&ended, 1, static_cast<int>(kLate * 1000)) == 1);
  ::kill(running, SIGKILL);
  int status = -1;
  CHECK(::waitpid(running, &status, 0) == running);
  CHECK(status == 0);
  CHECK(::waitpid(program, nullptr, __WALL) == program);
}

TEST_CASE("programs that cannot be ended are few, and are collected when they have ended") {
  const support::TemporaryDirectory folder;
  const std::string number = folder.path() / "number", go = folder.path() / "go";
  REQUIRE(::mkfifo(number.c_str(), 0600) == 0);
  REQUIRE(::mkfifo(go.c_str(), 0600) == 0);
  constexpr int kMost = 4;
  const pid_t running = ::fork();
  if (running == 0) {
    bool fine = true;
    for (int i = 0; i < kMost; ++i) {
      const auto ran = hwtune::run_program({"sh", "-c", "echo $$ >" + number + "; read x <" + go}, kLate);
      fine = fine && ran.has_value();
    }
    const auto refused = hwtune::run_program({"true"}, kLate);
    fine = fine && refused.has_error() && refused.error().kind == ErrorKind::unavailable;
    std::ofstream(number) << (fine ? 0 : -1) << "\n";
    if (!fine) ::_exit(1);
    std::string line;
    std::ifstream(go) >> line;
    ::_exit(hwtune::run_program({"true"}, kLate).has_value() ? 0 : 2);
  }
  std::vector<pid_t> programs;
  pid_t program = 0;
  for (;;) {
    std::ifstream(number) >> program;
    if (program <= 0) break;
    REQUIRE(::ptrace(PTRACE_SEIZE, program, nullptr, nullptr) == 0);
    programs.push_back(program);
    std::ofstream(go) << "on\n";
  }
  CHECK(programs.size() == kMost);
  for (const pid_t each : programs) CHECK(::waitpid(each, nullptr, __WALL) == each);
  if (program == 0) std::ofstream(go) << "on\n";
  int status = -1;
  CHECK(::waitpid(running, &status, 0) == running);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("administrators' programs are found without /usr/sbin in the PATH") {
  const support::TemporaryDirectory folder;
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", folder.path().c_str(), 1);
  const auto refused = hwtune::run_program({"nologin"}, kLate);
  const auto absent = hwtune::run_program({"carrel-no-such-program"}, kLate);
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(refused.has_value());
  CHECK(refused->find("not available") != std::string::npos);
  REQUIRE(absent.has_error());
  CHECK(absent.error().message == "there is no program carrel-no-such-program");
}

TEST_CASE("a conversion is measured with the converter's presets") {
  const support::TemporaryDirectory folder;
  const auto program =
      folder.write("ffmpeg", "#!/bin/sh\necho \"$*\" >>\"${0%/*}/asked\"\necho out_time_us=1000000\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (folder.path().string() + ":" + path).c_str(), 1);
  hwtune::Bounds bounds;
  bounds.seconds = kLate;
  const auto small = hwtune::measure_rung(480, bounds);
  const auto large = hwtune::measure_rung(720, bounds);
  ::setenv("PATH", path.c_str(), 1);
  CHECK(small.has_value());
  CHECK(large.has_value());
  std::ifstream asked(folder.path() / "asked");
  std::string line;
  std::getline(asked, line);
  CHECK(line.find("scale=-2:480 -c:v libx264 -preset faster ") != std::string::npos);
  std::getline(asked, line);
  CHECK(line.find("scale=-2:720 -c:v libx264 -preset veryfast ") != std::string::npos);
}

TEST_CASE("what cannot be measured is told, and a stop is obeyed") {
  hwtune::MeasureOrder order;
  order.machine = "a machine";
  order.engine_socket = "/nonexistent/docker.sock";
  order.image = "carrel-streamer";
  order.bounds = short_bounds();
  order.bounds.stopped = [] { return true; };
  const auto measured = hwtune::measure(order, 5);
  CHECK(measured.at == 5);
  CHECK_FALSE(measured.sendfile.has_value());
  CHECK(measured.not_measured.size() >= 5);
  const auto text = view_of(measured, {});
  CHECK(text.find("no library is configured; name one with --library") != std::string::npos);
  const auto spawn = hwtune::measure_spawn(order.engine_socket, order.image, short_bounds());
  CHECK(spawn.error().message.find("Docker does not answer") != std::string::npos);
}

TEST_CASE("what a stream costs is the same in the table and in the JSON, and nobody's claim when read back") {
  hwtune::Measured measured;
  measured.machine = "a machine";
  CHECK(json_of(measured)["streams_reckoned"].empty());
  measured.sendfile = hwtune::Sendfile{1000, 0.5};
  measured.pacing = hwtune::Pacing{1, 0.99, 4U << 20};
  auto told = json_of(measured);
  const auto& streams = told["streams_reckoned"];
  REQUIRE(streams.size() == 4);
  // 8 Mbit/s are a megabyte a second, half a millisecond of each second.
  CHECK(streams[2]["mbit"] == 8);
  CHECK(streams[2]["cpu_percent"].get<double>() == doctest::Approx(0.05));
  CHECK(streams[2]["kernel_bytes"] == 4U << 20);
  CHECK(streams[3]["cpu_percent"].get<double>() == doctest::Approx(0.125));
  const auto text = view_of(measured, {});
  CHECK(text.find("8 Mbit/s  0.050%          4 MiB\n") != std::string::npos);
  CHECK(text.find("20 Mbit/s  0.125%          4 MiB\n") != std::string::npos);
  const auto as_told = told;
  told["streams_reckoned"][2]["cpu_percent"] = 99;
  CHECK(json_of(hwtune::measured_from(told.dump()).value()) == as_told);
  measured.pacing.reset();
  CHECK_FALSE(json_of(measured)["streams_reckoned"][0].contains("kernel_bytes"));
}
