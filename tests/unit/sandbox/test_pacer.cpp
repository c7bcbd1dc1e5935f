#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <limits>
#include <numeric>
#include <optional>

#include "base/unique_fd.hpp"
#include "orchestrator/sandbox/pacer.hpp"

using carrel::UniqueFd;
using namespace carrel::sandbox;
using Rates = std::vector<std::uint64_t>;

namespace {

constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

UniqueFd tcp_socket() {
  return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

std::uint64_t rate_of(const UniqueFd& socket) {
  std::uint64_t rate = 0;
  socklen_t size = sizeof rate;
  REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &size) == 0);
  return rate;
}

}  // namespace

TEST_CASE("a link is shared so that nobody's unused share is lost") {
  CHECK(fair_rates(0, Rates{0, 5}) == Rates{0, 5});
  CHECK(fair_rates(100, Rates{}).empty());
  CHECK(fair_rates(100, Rates{0, 0}) == Rates{50, 50});
  CHECK(fair_rates(100, Rates{10, 0, 0}) == Rates{10, 45, 45});
  CHECK(fair_rates(100, Rates{0, 60, 10}) == Rates{45, 45, 10});
  CHECK(fair_rates(100, Rates{10, 20}) == Rates{10, 20});
  // Never 0, which would mean no bound.
  CHECK(fair_rates(1, Rates{0, 0, 0}) == Rates{1, 1, 1});
  const auto odd = fair_rates(100, Rates{0, 0, 0});
  CHECK(std::accumulate(odd.begin(), odd.end(), std::uint64_t{0}) == 100);
}

TEST_CASE("the kernel is told each answer's share, and told again when it changes") {
  Pacer pacer(0);
  const UniqueFd one = tcp_socket();
  const UniqueFd two = tcp_socket();
  {
    const auto first = pacer.enter(one.get(), "s");
    CHECK(rate_of(one) == kUnbounded);
    pacer.limit("s", 1000);
    CHECK(rate_of(one) == 1000);
    {
      const auto second = pacer.enter(two.get(), "s");
      CHECK(rate_of(one) == 500);
      CHECK(rate_of(two) == 500);
    }
    CHECK(rate_of(one) == 1000);
    CHECK(rate_of(two) == kUnbounded);
    pacer.limit("s", 0);
    CHECK(rate_of(one) == kUnbounded);
    pacer.limit("s", 700);
  }
  CHECK(rate_of(one) == kUnbounded);
  CHECK(pacer.lanes() == 0);
}

TEST_CASE("a link's share reaches who has no limit of his own, and a lane may outlive the pacer") {
  const UniqueFd one = tcp_socket();
  const UniqueFd two = tcp_socket();
  std::optional<Pacer> pacer(std::in_place, 9000);
  pacer->limit("small", 1000);
  auto small = pacer->enter(one.get(), "small");
  const auto large = pacer->enter(two.get(), "large");
  const auto moved = std::move(small);
  CHECK(rate_of(one) == 1000);
  CHECK(rate_of(two) == 8000);
  pacer.reset();
  CHECK(rate_of(two) == 8000);
}
