#include <doctest/doctest.h>

#include <bit>
#include <numeric>

#include "streamer/transcode/mix.hpp"

using namespace carrel::streamer;

namespace {

constexpr std::uint64_t k51 = 0x3f, k51Side = 0x60f, k71 = 0x63f, k61 = 0x70f, kHeights = 0x2d63f;

}  // namespace

TEST_CASE("nothing clips, whatever the film's loudspeakers") {
  for (const std::uint64_t mask : {k51, k51Side, k71, k61, kHeights, std::uint64_t{3}, std::uint64_t{4}}) {
    for (const std::size_t channels : {1U, 2U, 6U}) {
      CAPTURE(mask);
      CAPTURE(channels);
      const MixMatrix matrix = mix_matrix(mask, channels);
      REQUIRE(matrix.size() == channels);
      for (const auto& row : matrix) {
        CHECK(row.size() == static_cast<std::size_t>(std::popcount(mask)));
        CHECK(std::accumulate(row.begin(), row.end(), 0.0F) <= 1.0001F);
      }
    }
  }
}

TEST_CASE("5.1 becomes stereo: centre and surrounds at -3 dB, no low frequencies") {
  const MixMatrix matrix = mix_matrix(k51, 2);
  const float full = 1 / (1 + 2 * 0.70710678F);
  const std::vector<float> left{full, 0, full * 0.70710678F, 0, full * 0.70710678F, 0};
  for (std::size_t i = 0; i < left.size(); ++i) {
    CAPTURE(i);
    CHECK(matrix[0][i] == doctest::Approx(left[i]));
  }
  CHECK(matrix[1][1] == doctest::Approx(full));
  CHECK(matrix[1][5] == doctest::Approx(full * 0.70710678F));
  CHECK(matrix[1][4] == 0);
}

TEST_CASE("what a rendition has is kept as it is") {
  for (const std::uint64_t mask : {k51, k51Side}) {
    const MixMatrix matrix = mix_matrix(mask, 6);
    for (std::size_t to = 0; to < 6; ++to)
      for (std::size_t from = 0; from < 6; ++from) CHECK(matrix[to][from] == (to == from ? 1.0F : 0.0F));
  }
  CHECK(mix_matrix(3, 2) == MixMatrix{{1, 0}, {0, 1}});
  CHECK(mix_matrix(4, 1) == MixMatrix{{1}});
  CHECK(mix_matrix(4, 2) == MixMatrix{{1}, {1}});
  CHECK(mix_matrix(3, 1) == MixMatrix{{0.5F, 0.5F}});
}

TEST_CASE("sound is mixed as the matrix says, and appended") {
  Planes in(2), out(1);
  in.resize(2);
  in.row(0)[0] = 1;
  in.row(1)[1] = 0.5F;
  out.resize(1);
  mix(mix_matrix(3, 1), in, out);
  REQUIRE(out.size() == 3);
  CHECK(out.row(0)[0] == 0);
  CHECK(out.row(0)[1] == 0.5F);
  CHECK(out.row(0)[2] == 0.25F);
}

TEST_CASE("a number of channels alone means the usual loudspeakers") {
  CHECK(usual_mask(1) == 4);
  CHECK(usual_mask(2) == 3);
  CHECK(usual_mask(6) == k51);
  CHECK(usual_mask(8) == k71);
  CHECK(usual_mask(9) == 0);
}
