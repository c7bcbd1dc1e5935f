#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <utility>

#include "fakes.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

/// The real Sandboxes over the fakes.
namespace carrel::sandbox::fake {

using Ready = Granted<std::shared_ptr<Sandbox>>;

inline boost::asio::awaitable<void> ask(Sandboxes* sandboxes, Claim claim, std::optional<Ready>* answer) {
  Ready ready = co_await sandboxes->ready_for(std::move(claim));
  answer->emplace(std::move(ready));
}

inline boost::asio::awaitable<void> adopt(Sandboxes* sandboxes, std::function<bool(const std::string&)> lives,
                                          bool* adopted) {
  auto claim_of = [lives = std::move(lives)](const std::string& session) -> std::optional<Claim> {
    return lives(session) ? std::optional(Claim{session, "user"}) : std::nullopt;
  };
  const Result<void> result = co_await sandboxes->adopt(std::move(claim_of));
  *adopted = result.has_value();
}

inline boost::asio::awaitable<void> compare(Sandboxes* sandboxes, bool* looked) {
  co_await sandboxes->compare_with_engine();
  *looked = true;
}

inline boost::asio::awaitable<void> index(Sandboxes* sandboxes,
                                          std::optional<Result<protocol::Indexed>>* answer) {
  std::vector<UniqueFd> files;
  files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  files.emplace_back(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  protocol::Index request;
  request.extension = "mp4";
  Result<protocol::Indexed> indexed = co_await sandboxes->index(std::move(files), std::move(request));
  answer->emplace(std::move(indexed));
}

struct Fixture {
  boost::asio::io_context loop;
  FakeEngine engine;
  FakeJournal journal;
  RunDirectory run;
  SandboxesOptions options = make_options();
  std::optional<Sandboxes> sandboxes{std::in_place, loop.get_executor(), engine, journal,
                                     options,       Observer{}};

  SandboxesOptions make_options() const {
    SandboxesOptions made;
    made.instance = "here";
    made.limits = {"image", 1 << 20, 0.5, 16, 64};
    made.run_directory = run.path();
    made.max_total = 3;
    made.max_answers = 2;
    made.ready_timeout = std::chrono::seconds(1);
    made.index_stall = std::chrono::seconds(1);
    made.line_wait = std::chrono::seconds(0);
    made.share_network = false;
    return made;
  }

  void start_over(const SandboxesOptions& changed, Observer observer = {}) {
    sandboxes.emplace(loop.get_executor(), engine, journal, changed, std::move(observer));
  }

  void adopt_now(std::function<bool(const std::string&)> lives = [](const std::string&) { return false; }) {
    bool adopted = false;
    boost::asio::co_spawn(loop, adopt(&*sandboxes, std::move(lives), &adopted), boost::asio::detached);
    REQUIRE(run_until(loop, [&] { return adopted; }));
  }

  Ready ready(const std::string& session) {
    if (!sandboxes->adopted()) adopt_now();
    std::optional<Ready> answer;
    boost::asio::co_spawn(loop, ask(&*sandboxes, Claim{session, "user"}, &answer), boost::asio::detached);
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    return *answer;
  }

  Ready ready_as(const Claim& claim) {
    std::optional<Ready> answer;
    boost::asio::co_spawn(loop, ask(&*sandboxes, claim, &answer), boost::asio::detached);
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    return *answer;
  }

  /// With the streamers at work and the daemon's clock ticking, until `done`.
  [[nodiscard]] bool tended_until(const std::function<bool()>& done) {
    return run_until(loop, [&] {
      engine.pump();
      sandboxes->tend();
      loop.restart();
      loop.run_for(std::chrono::milliseconds(5));
      return done();
    });
  }

  /// The one container of that session.
  Container& container_of(const std::string& session) {
    return engine.containers.at(sandboxes->of_session(session)->container_id());
  }

  [[nodiscard]] bool nothing_left() {
    return run_until(loop, [&] { return sandboxes->living().empty(); }) && engine.containers.empty() &&
           std::filesystem::is_empty(run.path());
  }
};

}  // namespace carrel::sandbox::fake
