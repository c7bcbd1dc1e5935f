// One job, one converter.
#include "fixture.hpp"
#include "orchestrator/sandbox/labels.hpp"
#include "streamer/protocol/channel.hpp"

using namespace carrel;
using namespace carrel::sandbox;
using namespace carrel::sandbox::fake;

namespace asio = boost::asio;

namespace {

UniqueFd readable() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

UniqueFd writable() {
  return UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

using PicturesAnswer = std::optional<Result<protocol::PicturesMade>>;
using ConvertAnswer = std::optional<Result<protocol::Converted>>;

asio::awaitable<void> pictures(Sandboxes* sandboxes, PicturesAnswer* answer) {
  protocol::Pictures request;
  request.times_us = {0, 1'000'000};
  Result<protocol::PicturesMade> made =
      co_await sandboxes->pictures(readable(), readable(), writable(), std::move(request));
  answer->emplace(std::move(made));
}

asio::awaitable<void> convert(Sandboxes* sandboxes, std::shared_ptr<Conversion> job, ConvertAnswer* answer) {
  Conversion conversion = std::move(*job);
  Result<protocol::Converted> made = co_await sandboxes->convert(std::move(conversion));
  answer->emplace(std::move(made));
}

std::shared_ptr<Conversion> conversion() {
  auto made = std::make_shared<Conversion>();
  made->film = readable();
  made->index = readable();
  made->media = writable();
  made->variant_index = writable();
  made->checkpoint = writable();
  made->request.height = 480;
  made->request.bits_per_second = 1'000'000;
  made->duration = std::chrono::hours(1);
  return made;
}

struct ConverterFixture : Fixture {
  ConverterFixture() {
    SandboxesOptions changed = options;
    changed.converter = {"converter-image", 2 << 20, 1.5, 16, 64, 50};
    changed.convert_stall = std::chrono::seconds(1);
    start_over(changed);
  }

  /// The converter, once it has its job.
  [[nodiscard]] Container& converter() {
    REQUIRE(run_until(loop, [&] {
      const auto living = sandboxes->living();
      return living.size() == 1 && living.front()->state() == State::ready;
    }));
    return engine.containers.begin()->second;
  }

  template <class Job>
  [[nodiscard]] protocol::Received job_of(Container& container) {
    std::optional<protocol::Received> job;
    REQUIRE(run_until(loop, [&] {
      auto asked = protocol::receive(container.streamer.get());
      if (asked.has_error() || !*asked) return false;
      job.emplace(std::move(**asked));
      return true;
    }));
    REQUIRE(std::holds_alternative<Job>(job->message));
    return std::move(*job);
  }
};

}  // namespace

TEST_CASE_FIXTURE(ConverterFixture, "pictures are made in a container of the converter's image and limits") {
  PicturesAnswer answer;
  asio::co_spawn(loop, pictures(&*sandboxes, &answer), asio::detached);
  Container& container = converter();
  CHECK(container.spec.command.front() == "convert");
  CHECK(container.spec.labels.at(label::kRole) == "converter");
  CHECK(container.spec.memory_bytes == 2 << 20);
  CHECK(container.spec.nano_cpus == 1'500'000'000);
  CHECK(container.spec.io_weight == 50);
  CHECK(container.spec.cpu_shares == 256);
  const protocol::Received job = job_of<protocol::Pictures>(container);
  CHECK(job.descriptors.size() == 3);
  protocol::PicturesMade made;
  made.id = std::get<protocol::Pictures>(job.message).id;
  made.made = true;
  made.bytes = 5;
  REQUIRE(protocol::send(container.streamer.get(), made).has_value());
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_value());
  CHECK((*answer)->bytes == 5);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(ConverterFixture, "a conversion tells its progress, and what came of it") {
  ConvertAnswer answer;
  std::uint64_t done = 0;
  const auto job = conversion();
  job->on_progress = [&](std::uint64_t done_us) { done = done_us; };
  asio::co_spawn(loop, convert(&*sandboxes, job, &answer), asio::detached);
  Container& container = converter();
  // Twice the bytes of an hour at the rate, and some.
  CHECK(container.spec.max_file_bytes > 900'000'000);
  CHECK(container.spec.max_file_bytes < 2'000'000'000);
  const protocol::Received received = job_of<protocol::Convert>(container);
  CHECK(received.descriptors.size() == 5);
  const auto id = std::get<protocol::Convert>(received.message).id;
  REQUIRE(protocol::send(container.streamer.get(), protocol::ConvertProgress{id, 7}).has_value());
  REQUIRE(run_until(loop, [&] { return done == 7; }));
  protocol::Converted converted;
  converted.id = id;
  converted.made = true;
  REQUIRE(protocol::send(container.streamer.get(), converted).has_value());
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_value());
  CHECK((*answer)->made);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(ConverterFixture, "a conversion can be cancelled, before and while it runs") {
  ConvertAnswer answer;
  const auto job = conversion();
  const auto cancellation = std::make_shared<Cancellation>();
  job->cancellation = cancellation;
  asio::co_spawn(loop, convert(&*sandboxes, job, &answer), asio::detached);
  static_cast<void>(job_of<protocol::Convert>(converter()));
  cancellation->cancel();
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::conflict);
  CHECK(nothing_left());

  ConvertAnswer second;
  const auto later = conversion();
  later->cancellation = cancellation;
  const std::size_t created = engine.created.size();
  asio::co_spawn(loop, convert(&*sandboxes, later, &second), asio::detached);
  REQUIRE(run_until(loop, [&] { return second.has_value(); }));
  CHECK(second->error().kind == ErrorKind::conflict);
  CHECK(engine.created.size() == created);
}

TEST_CASE_FIXTURE(ConverterFixture, "a converter without progress is ended") {
  ConvertAnswer answer;
  asio::co_spawn(loop, convert(&*sandboxes, conversion(), &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::timeout);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(ConverterFixture, "a converter that dies is said to have died") {
  PicturesAnswer answer;
  asio::co_spawn(loop, pictures(&*sandboxes, &answer), asio::detached);
  static_cast<void>(job_of<protocol::Pictures>(converter()));
  engine.die(engine.containers.begin()->first, 137, true);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::unavailable);
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(ConverterFixture, "a converter that speaks of another job is not believed") {
  ConvertAnswer answer;
  asio::co_spawn(loop, convert(&*sandboxes, conversion(), &answer), asio::detached);
  Container& container = converter();
  const protocol::Received received = job_of<protocol::Convert>(container);
  protocol::Converted invented;
  invented.id = std::get<protocol::Convert>(received.message).id + 1;
  invented.made = true;
  REQUIRE(protocol::send(container.streamer.get(), invented).has_value());
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  CHECK(answer->has_error());
  CHECK(nothing_left());
}

TEST_CASE_FIXTURE(ConverterFixture, "the last place is for who comes to watch") {
  REQUIRE(ready("s1").has_value());
  REQUIRE(ready("s2").has_value());
  PicturesAnswer answer;
  asio::co_spawn(loop, pictures(&*sandboxes, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::busy);
  CHECK(answer->error().message.find("sandbox.max_total") != std::string::npos);
  CHECK(ready("s3").has_value());
}

TEST_CASE_FIXTURE(ConverterFixture, "what a converter may take leaves a viewer's processors free") {
  SandboxesOptions changed = options;
  changed.converter = {"converter-image", 2 << 20, 1.5, 16, 64, 50};
  changed.budget.cpus = 1.9;
  start_over(changed);
  PicturesAnswer answer;
  asio::co_spawn(loop, pictures(&*sandboxes, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::busy);
  changed.budget.cpus = 2.0;
  start_over(changed);
  adopt_now();
  PicturesAnswer second;
  asio::co_spawn(loop, pictures(&*sandboxes, &second), asio::detached);
  static_cast<void>(job_of<protocol::Pictures>(converter()));
  CHECK(ready("s1").has_value());
}

TEST_CASE_FIXTURE(ConverterFixture, "one of an earlier daemon is removed at the start") {
  Container& stray = engine.containers["stray"];
  stray.running = true;
  stray.spec.labels = {{label::kInstance, "here"}, {label::kSandbox, "unknown"}, {label::kRole, "converter"}};
  adopt_now();
  CHECK(engine.containers.empty());
}

TEST_CASE_FIXTURE(ConverterFixture, "an image that is missing is named") {
  engine.image_fails = make_error(ErrorKind::not_found, "no such image");
  PicturesAnswer answer;
  asio::co_spawn(loop, pictures(&*sandboxes, &answer), asio::detached);
  REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
  REQUIRE(answer->has_error());
  CHECK(answer->error().kind == ErrorKind::busy);
  CHECK(answer->error().message.find("converter-image") != std::string::npos);
  CHECK(nothing_left());
}
