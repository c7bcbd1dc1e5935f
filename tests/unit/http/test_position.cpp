#include <doctest/doctest.h>

#include "orchestrator/http/position.hpp"

using carrel::http::goes_on_at;

TEST_CASE("a viewer goes on at the second at which they stopped") {
  CHECK(goes_on_at(61.9, 7200) == 61);
  CHECK(goes_on_at(1, 60) == 1);
  CHECK(goes_on_at(56.9, 60) == 56);
}

TEST_CASE("who has hardly begun or is nearly through begins anew") {
  CHECK_FALSE(goes_on_at(0, 60));
  CHECK_FALSE(goes_on_at(0.99, 60));
  CHECK_FALSE(goes_on_at(57, 60));
  CHECK_FALSE(goes_on_at(60, 60));
  CHECK_FALSE(goes_on_at(6840, 7200));
  CHECK_FALSE(goes_on_at(1e300, 7200));
}

TEST_CASE("of a film whose length is not known every time is taken that can be one") {
  CHECK(goes_on_at(7000, std::nullopt) == 7000);
  CHECK_FALSE(goes_on_at(0.5, std::nullopt));
  CHECK_FALSE(goes_on_at(1e300, std::nullopt));
}
