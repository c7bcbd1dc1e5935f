#include "orchestrator/lib/sodium/sealed.hpp"

#include <doctest/doctest.h>

#include <string>

#include "orchestrator/lib/sodium/sha256.hpp"

using namespace carrel;
using namespace carrel::sodium;

namespace {

constexpr SealCost kCheap{1, 8};

}  // namespace

TEST_CASE("pieces open with the passphrase, in their order, and the last says so") {
  auto sealer = Sealer::make("under the bed", kCheap).value();
  const std::string first = sealer.seal("one", false), last = sealer.seal("", true);
  auto opener = Opener::make("under the bed", sealer.head()).value();
  const auto one = opener.open(first);
  REQUIRE(one.has_value());
  CHECK(one->bytes == "one");
  CHECK_FALSE(one->last);
  const auto two = opener.open(last);
  REQUIRE(two.has_value());
  CHECK(two->last);
}

TEST_CASE("another passphrase, another order and a changed byte are found") {
  auto sealer = Sealer::make("under the bed", kCheap).value();
  const std::string first = sealer.seal("one", false), second = sealer.seal("two", false);
  CHECK(Opener::make("above the bed", sealer.head()).value().open(first).error().kind ==
        ErrorKind::forbidden);
  CHECK(Opener::make("under the bed", sealer.head()).value().open(second).has_error());
  CHECK(Opener::make("under the bed", sealer.head()).value().open(first.substr(0, 10)).has_error());
  for (std::size_t at = 0; at < first.size(); ++at) {
    std::string bad = first;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    CHECK(Opener::make("under the bed", sealer.head()).value().open(bad).has_error());
  }
}

TEST_CASE("a head that asks for too much work is refused before it is done") {
  auto sealer = Sealer::make("x", kCheap).value();
  const std::string good = sealer.head();
  CHECK(Opener::is_head(good));
  CHECK_FALSE(Opener::is_head("ustar"));
  CHECK(Opener::make("x", good.substr(0, 55)).error().kind == ErrorKind::invalid);
  for (const std::size_t at : {8U, 9U, 11U, 14U, 15U}) {
    std::string greedy = good;
    greedy[at] = '\x7f';
    CHECK_MESSAGE(Opener::make("x", greedy).error().kind == ErrorKind::invalid, at);
  }
}

TEST_CASE("SHA-256 is that of the standard") {
  Sha256 sum;
  sum.update("a");
  sum.update("bc");
  CHECK(sum.digest() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
