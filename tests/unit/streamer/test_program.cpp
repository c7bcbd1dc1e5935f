#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "streamer/respond/respond.hpp"
#include "tests/unit/streamer/rendered.hpp"
#include "tests/unit/streamer/server_harness.hpp"
#include "tests/unit/transcode/pcm_film.hpp"

using namespace carrel;
using namespace carrel::streamer;

namespace {

/// CPU time of a child that has ended or will soon, in microseconds.
long cpu_of(pid_t child) {
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

/// What the least of programs costs on this machine, as it is at this moment.
long cpu_of_nothing() {
  std::string program = "/bin/true";
  std::array<char*, 2> arguments = {program.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t child = -1;
  REQUIRE(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) ==
          0);
  return cpu_of(child);
}

/// The program itself, connected to a control socket of the test's.
class Program {
 public:
  explicit Program(std::string mode) {
    path_ = folder_.path() + "/control";
    listener = *protocol::listen_in(folder_.fd(), "control");
    std::string program = CARREL_STREAMER_PROGRAM;
    std::array<char*, 4> arguments = {program.data(), mode.data(), path_.data(), nullptr};
    std::array<char*, 1> environment = {nullptr};
    REQUIRE(::posix_spawn(&child_, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) ==
            0);
    REQUIRE(test::wait_for(listener.get(), POLLIN));
    control = std::move(**protocol::accept_from(listener.get()));
  }
  ~Program() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] bool greets() const {
    const auto hello = test::next_message(control.get());
    return hello && std::holds_alternative<protocol::Hello>(*hello);
  }
  /// Waits for the end; the raw status of wait4().
  int ended() {
    int status = -1;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return status;
  }
  /// Sends SIGKILL and returns the CPU time that the process used, in microseconds.
  long killed_after() {
    ::kill(child_, SIGKILL);
    return cpu_of(std::exchange(child_, -1));
  }

  UniqueFd listener, control;

 private:
  test::TemporaryFolder folder_;
  std::string path_;
  pid_t child_ = -1;
};

protocol::Serve request_of(protocol::RequestId id) {
  protocol::Serve request;
  request.id = id;
  request.date = 2'000'000'000;
  return request;
}

}  // namespace

TEST_CASE("the program serves a film, outlives its daemon, and serves the next one") {
  Program program("stream");
  REQUIRE(program.greets());
  const std::string content = test::film_text(2'000'000);
  const UniqueFd film = test::film_with(content);
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  const std::vector<int> fds = {answer.get(), film.get()};
  for (int daemons = 0; daemons < 3; ++daemons) {
    REQUIRE(protocol::send(program.control.get(), request_of(7), fds).has_value());
    const std::string got = test::read_some(client.get(), content.size());
    CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
    const std::size_t header = got.find("\r\n\r\n") + 4;
    CHECK(got.substr(header) + test::read_some(client.get(), header) == content);
    const auto done = test::next_message(program.control.get());
    REQUIRE(done);
    CHECK(std::get<protocol::Done>(*done).id == 7);
    program.control.reset();
    REQUIRE(test::wait_for(program.listener.get(), POLLIN));
    program.control = std::move(**protocol::accept_from(program.listener.get()));
    REQUIRE(program.greets());
  }
}

TEST_CASE("an index that is none is answered, not trusted") {
  Program program("stream");
  REQUIRE(program.greets());
  const UniqueFd film = test::film_with("film");
  auto [answer, client] = test::socket_pair(SOCK_STREAM);
  const std::vector<int> fds = {answer.get(), film.get(), film.get()};
  protocol::Serve request = request_of(1);
  request.resource = protocol::Resource::master;
  REQUIRE(protocol::send(program.control.get(), request, fds).has_value());
  const auto done = test::next_message(program.control.get());
  REQUIRE(done);
  CHECK(std::get<protocol::Done>(*done).outcome == protocol::Outcome::bad_index);
}

TEST_CASE("sound that no browser plays is made into AAC inside the jail") {
  Program program("stream");
  REQUIRE(program.greets());
  auto sound = testing::pcm_film({.channels = 6}, [](std::int64_t sample, std::size_t channel) {
    return 0.5 * std::sin(static_cast<double>(sample) * (0.01 + 0.003 * static_cast<double>(channel)));
  });
  const UniqueFd film = test::film_with(sound.bytes);
  struct stat found {};
  REQUIRE(::fstat(film.get(), &found) == 0);
  sound.index.film_mtime_ns = found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
  const UniqueFd index = test::film_with(testing::bytes_of(sound.index));
  for (const protocol::Form form : {protocol::Form::aac_stereo, protocol::Form::aac_surround}) {
    const AacPlan plan = plan_aac(*testing::view_of(sound.index), 0, form).value();
    for (std::uint32_t number = 0; number < plan.segments.size(); ++number) {
      auto [answer, client] = test::socket_pair(SOCK_STREAM);
      const std::vector<int> fds = {answer.get(), film.get(), index.get()};
      protocol::Serve request = request_of(1);
      request.resource = protocol::Resource::segment;
      request.segment = number;
      request.form = form;
      REQUIRE(protocol::send(program.control.get(), request, fds).has_value());
      answer.reset();
      const std::string got = test::read_some(client.get(), 1 << 20);
      const std::size_t header = got.find("\r\n\r\n") + 4;
      CHECK(got.substr(header) == testing::one_segment(sound, form, number));
      CHECK(got.find("Content-Length: " + std::to_string(plan.segments[number].bytes)) < header);
      const auto done = test::next_message(program.control.get());
      REQUIRE(done);
      CHECK(std::get<protocol::Done>(*done).outcome == protocol::Outcome::complete);
    }
  }
}

TEST_CASE("a worker says why a file is not a film, and ends") {
  Program program("index");
  REQUIRE(program.greets());
  const UniqueFd film = test::film_with(test::film_text(100'000));
  const UniqueFd index = test::film_with("");
  const std::vector<int> fds = {film.get(), index.get()};
  REQUIRE(protocol::send(program.control.get(), protocol::Index{3, "mp4"}, fds).has_value());
  auto message = test::next_message(program.control.get());
  while (message && std::holds_alternative<protocol::IndexProgress>(*message)) {
    message = test::next_message(program.control.get());
  }
  REQUIRE(message);
  const auto& indexed = std::get<protocol::Indexed>(*message);
  CHECK(indexed.id == 3);
  CHECK(!indexed.readable);
  CHECK(!indexed.reason.empty());
  CHECK(program.ended() == 0);
}

TEST_CASE("from start to ready it uses little more than a program that does nothing") {
  long own = 10'000'000, nothing = own;
  for (int i = 0; i < 5; ++i) {
    nothing = std::min(nothing, cpu_of_nothing());
    Program program("stream");
    REQUIRE(program.greets());
    own = std::min(own, program.killed_after());
  }
  MESSAGE("CPU from start to Hello: " << own << " us, of /bin/true: " << nothing << " us");
  CHECK(own < CARREL_MOST_OF_NOTHING * std::max(nothing, 100L));
}
