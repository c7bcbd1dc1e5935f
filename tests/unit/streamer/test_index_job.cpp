#include <doctest/doctest.h>

#include <future>
#include <string>

#include "streamer/protocol/codec.hpp"
#include "streamer/serve/index_job.hpp"
#include "tests/unit/streamer/server_harness.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Indexed;

namespace {

Result<Indexed> fake_index(int film, const std::string& extension, int index, const IndexProgressFn& progress,
                           const std::vector<protocol::OpenSidecar>& sidecars) {
  progress(1);
  Indexed indexed;
  indexed.readable = ::pwrite(index, "made", 4, 0) == 4;
  indexed.container = extension + test::read_some(film, 4);
  for (const protocol::OpenSidecar& sidecar : sidecars)
    indexed.reason += sidecar.about.extension + test::read_some(sidecar.fd, 4);
  return indexed;
}

/// Passes over how far a slow worker says that it is.
std::optional<protocol::Message> end_of_index(int daemon) {
  auto message = test::next_message(daemon);
  while (message && std::holds_alternative<protocol::IndexProgress>(*message)) {
    message = test::next_message(daemon);
  }
  return message;
}

}  // namespace

TEST_CASE("a worker greets, indexes once and reports") {
  const std::size_t before = test::open_descriptors();
  {
    auto [daemon, worker] = test::socket_pair(SOCK_SEQPACKET);
    auto job = std::async(std::launch::async, [fd = worker.get()] { return run_index_job(fd, fake_index); });
    const auto hello = test::next_message(daemon.get());
    REQUIRE(hello);
    CHECK(std::holds_alternative<protocol::Hello>(*hello));
    const UniqueFd film = test::film_with("film");
    const UniqueFd index = test::film_with("");
    REQUIRE(::lseek(film.get(), 0, SEEK_SET) == 0);
    const std::vector<int> fds = {film.get(), index.get()};
    REQUIRE(protocol::send(daemon.get(), protocol::Index{9, "mp4"}, fds).has_value());
    const auto message = end_of_index(daemon.get());
    REQUIRE(message);
    const auto& indexed = std::get<Indexed>(*message);
    CHECK(indexed.id == 9);
    CHECK(indexed.readable);
    CHECK(indexed.container == "mp4film");
    CHECK(test::read_some(index.get(), 4) == "made");
    CHECK(job.get().has_value());
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a worker gets the subtitle files beside the film") {
  auto [daemon, worker] = test::socket_pair(SOCK_SEQPACKET);
  auto job = std::async(std::launch::async, [fd = worker.get()] { return run_index_job(fd, fake_index); });
  REQUIRE(test::next_message(daemon.get()));
  const UniqueFd film = test::film_with("film");
  const UniqueFd index = test::film_with("");
  const UniqueFd first = test::film_with("one.");
  const UniqueFd second = test::film_with("two.");
  for (const UniqueFd* file : {&film, &first, &second}) REQUIRE(::lseek(file->get(), 0, SEEK_SET) == 0);
  protocol::Index message{9, "mkv", {{"srt", "en", "", false, false}, {"ass", "de", "", true, false}}};
  const std::vector<int> fds = {film.get(), index.get(), first.get(), second.get()};
  REQUIRE(protocol::send(daemon.get(), message, fds).has_value());
  const auto answer = end_of_index(daemon.get());
  REQUIRE(answer);
  CHECK(std::get<Indexed>(*answer).reason == "srtone.asstwo.");
  CHECK(job.get().has_value());
}

TEST_CASE("a worker refuses what is not one index job") {
  auto [daemon, worker] = test::socket_pair(SOCK_SEQPACKET);
  SUBCASE("another message") {
    REQUIRE(protocol::send(daemon.get(), protocol::Serve{}).has_value());
  }
  SUBCASE("no descriptors") {
    REQUIRE(protocol::send(daemon.get(), protocol::Index{}).has_value());
  }
  SUBCASE("a subtitle file without its descriptor") {
    const std::vector<int> fds = {daemon.get(), daemon.get()};
    REQUIRE(protocol::send(daemon.get(), protocol::Index{1, "mkv", {protocol::Sidecar{}}}, fds).has_value());
  }
  const auto result = run_index_job(worker.get(), fake_index);
  REQUIRE(!result.has_value());
  CHECK(result.error().kind == ErrorKind::invalid);
}

TEST_CASE("a daemon that goes away ends the worker") {
  auto [daemon, worker] = test::socket_pair(SOCK_SEQPACKET);
  daemon.reset();
  const auto result = run_index_job(worker.get(), fake_index);
  REQUIRE(!result.has_value());
  CHECK(result.error().kind == ErrorKind::unavailable);
}

TEST_CASE("an indexer that fails ends the worker with its error") {
  auto [daemon, worker] = test::socket_pair(SOCK_SEQPACKET);
  const std::vector<int> fds = {daemon.get(), daemon.get()};
  REQUIRE(protocol::send(daemon.get(), protocol::Index{}, fds).has_value());
  const auto fail = [](int, const std::string&, int, const IndexProgressFn&,
                       const std::vector<protocol::OpenSidecar>&) {
    return Result<Indexed>(make_error(ErrorKind::internal, "broken"));
  };
  const auto result = run_index_job(worker.get(), fail);
  REQUIRE(!result.has_value());
  CHECK(result.error().message == "broken");
}

TEST_CASE("whatever a film says of itself can be sent") {
  Indexed indexed;
  indexed.container = indexed.mime_type = indexed.reason = std::string(5000, 'c');
  indexed.tracks.resize(100);
  for (protocol::TrackSummary& track : indexed.tracks) {
    track.codec = track.language = std::string(3000, 't');
    for (int i = 0; i < 1000; ++i) {
      track.title += "\xE2\x82\xAC";
    }
  }
  const Indexed cut = bounded(indexed);
  CHECK(cut.tracks.size() == protocol::kMaxTracks);
  CHECK(cut.tracks[0].title.size() == 255);
  CHECK_NOTHROW(static_cast<void>(protocol::encode(cut)));
}
