#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "streamer/protocol/channel.hpp"
#include "streamer/protocol/codec.hpp"
#include "tests/unit/streamer/test_fds.hpp"

using namespace carrel;
using namespace carrel::protocol;

namespace {

constexpr std::size_t kFarTooMany = 4 * kMaxDescriptors;

/// A datagram past the checks of send(): `payload` with `count` (at most kFarTooMany) copies of `fd`.
void send_raw(int socket, std::vector<std::byte> payload, int fd, std::size_t count) {
  iovec data{payload.data(), payload.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kFarTooMany)> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (count > 0) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * count);
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(CMSG_DATA(part) + i * sizeof(int), &fd, sizeof(int));
    }
  }
  REQUIRE(::sendmsg(socket, &header, MSG_NOSIGNAL) >= 0);
}

}  // namespace

TEST_CASE("a message arrives with its descriptors, close-on-exec and owned") {
  const std::size_t before = test::open_descriptors();
  {
    auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
    const UniqueFd film = test::film_with("film");
    const std::array<int, 3> fds = {film.get(), a.get(), film.get()};
    REQUIRE(protocol::send(a.get(), Index{7, "mp4"}, fds).has_value());
    auto got = receive(b.get());
    REQUIRE(got.has_value());
    REQUIRE(got->has_value());
    CHECK(std::get<Index>((*got)->message).id == 7);
    REQUIRE((*got)->descriptors.size() == 3);
    struct stat sent {
    }, received{};
    REQUIRE(::fstat(film.get(), &sent) == 0);
    REQUIRE(::fstat((*got)->descriptors[0].get(), &received) == 0);
    CHECK(sent.st_ino == received.st_ino);
    for (const UniqueFd& fd : (*got)->descriptors) {
      CHECK((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("nothing there yet, then a peer that closed") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  auto nothing = receive(b.get());
  REQUIRE(nothing.has_value());
  CHECK(!nothing->has_value());
  a.reset();
  auto closed = receive(b.get());
  REQUIRE(!closed.has_value());
  CHECK(closed.error().kind == ErrorKind::unavailable);
  const auto sent = protocol::send(b.get(), Hello{});
  REQUIRE(!sent.has_value());
  CHECK(sent.error().kind == ErrorKind::unavailable);
}

TEST_CASE("a full socket is busy and takes more once it was read") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  Done done;
  done.detail = std::string(kMaxText, 'x');
  Result<void> sent = protocol::send(a.get(), done);
  int queued = 0;
  for (; sent && queued < 100'000; ++queued) {
    sent = protocol::send(a.get(), done);
  }
  REQUIRE(!sent.has_value());
  CHECK(sent.error().kind == ErrorKind::busy);
  for (auto got = receive(b.get()); got && got->has_value(); got = receive(b.get())) {
    --queued;
  }
  CHECK(queued == 0);
  CHECK(protocol::send(a.get(), done).has_value());
}

TEST_CASE("no error path leaks a descriptor") {
  const std::size_t before = test::open_descriptors();
  {
    auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
    SUBCASE("garbage with descriptors") {
      send_raw(a.get(), {std::byte{9}, std::byte{9}, std::byte{9}}, b.get(), 3);
    }
    SUBCASE("one descriptor too many") {
      send_raw(a.get(), encode(Hello{}), b.get(), kMaxDescriptors + 1);
    }
    SUBCASE("many descriptors too many") {
      send_raw(a.get(), encode(Hello{}), b.get(), kFarTooMany);
    }
    SUBCASE("a message too long, with descriptors") {
      send_raw(a.get(), std::vector<std::byte>(kMaxMessageBytes + 1), b.get(), 3);
    }
    const std::size_t open = test::open_descriptors();
    const auto got = receive(b.get());
    REQUIRE(!got.has_value());
    CHECK(got.error().kind == ErrorKind::invalid);
    CHECK(test::open_descriptors() == open);
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("an empty datagram with descriptors counts as the end and leaks nothing") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  const std::size_t open = test::open_descriptors();
  send_raw(a.get(), {}, b.get(), 2);
  CHECK(!receive(b.get()).has_value());
  CHECK(test::open_descriptors() == open);
}

TEST_CASE("more descriptors than a message carries are refused by the sender") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  const std::vector<int> fds(kMaxDescriptors + 1, a.get());
  const auto sent = protocol::send(a.get(), Hello{}, fds);
  REQUIRE(!sent.has_value());
  CHECK(sent.error().kind == ErrorKind::invalid);
}

TEST_CASE("as many descriptors as a message carries arrive") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  const std::vector<int> fds(kMaxDescriptors, a.get());
  REQUIRE(protocol::send(a.get(), Hello{}, fds).has_value());
  const auto got = receive(b.get());
  REQUIRE(got.has_value());
  REQUIRE(got->has_value());
  CHECK((*got)->descriptors.size() == kMaxDescriptors);
}

TEST_CASE("the longest message goes through") {
  auto [a, b] = test::socket_pair(SOCK_SEQPACKET);
  Indexed indexed;
  indexed.tracks.resize(56);
  for (TrackSummary& track : indexed.tracks) {
    track.title = std::string(kMaxText, 't');
  }
  REQUIRE(encode(indexed).size() > kMaxMessageBytes - 4096);
  REQUIRE(protocol::send(a.get(), indexed).has_value());
  auto got = receive(b.get());
  REQUIRE(got.has_value());
  REQUIRE(got->has_value());
  CHECK(std::get<Indexed>((*got)->message).tracks.size() == 56);
}

TEST_CASE("listen, connect, accept, and listen again where an earlier socket was left") {
  const std::size_t before = test::open_descriptors();
  {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/control";
    for (int round = 0; round < 2; ++round) {
      auto listener = listen_in(folder.fd(), "control");
      REQUIRE(listener.has_value());
      struct stat made {};
      REQUIRE(::stat(path.c_str(), &made) == 0);
      CHECK((made.st_mode & 07777) == 0666);
      auto nobody = accept_from(listener->get());
      REQUIRE(nobody.has_value());
      CHECK(!nobody->has_value());
      auto client = connect_to(path.c_str());
      REQUIRE(client.has_value());
      auto server = accept_from(listener->get());
      REQUIRE(server.has_value());
      REQUIRE(server->has_value());
      REQUIRE(protocol::send(client->get(), Hello{}).has_value());
      auto got = receive((*server)->get());
      REQUIRE(got.has_value());
      CHECK(got->has_value());
    }
  }
  CHECK(test::open_descriptors() == before);
}

TEST_CASE("a spare socket survives attempts while nobody listens") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/control";
  auto spare = make_socket();
  REQUIRE(spare.has_value());
  const auto absent = connect_with(spare->get(), path.c_str());
  REQUIRE(!absent.has_value());
  CHECK(absent.error().kind == ErrorKind::not_found);
  { REQUIRE(listen_in(folder.fd(), "control").has_value()); }
  const auto refused = connect_with(spare->get(), path.c_str());
  REQUIRE(!refused.has_value());
  CHECK(refused.error().kind == ErrorKind::unavailable);
  auto listener = listen_in(folder.fd(), "control");
  REQUIRE(listener.has_value());
  CHECK(connect_with(spare->get(), path.c_str()).has_value());
}

TEST_CASE("names and paths that cannot be a control socket are refused") {
  const test::TemporaryFolder folder;
  for (const char* name : {"", ".", "..", "a/b", "/control"}) {
    const auto listener = listen_in(folder.fd(), name);
    REQUIRE(!listener.has_value());
    CHECK(listener.error().kind == ErrorKind::invalid);
  }
  CHECK(!listen_in(folder.fd(), std::string(200, 'n').c_str()).has_value());
  CHECK(!connect_to(std::string(108, 'p').c_str()).has_value());
  const UniqueFd file(::openat(folder.fd(), "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  const auto taken = listen_in(folder.fd(), "file");
  REQUIRE(!taken.has_value());
  CHECK(taken.error().kind == ErrorKind::conflict);
}
