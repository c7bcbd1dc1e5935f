#include "model.hpp"

using carrel::sandbox::fake::Model;

TEST_CASE("whatever happens, no sandbox is without an owner, shared, used again, or left behind") {
  constexpr unsigned kWorlds = 6;
  constexpr int kSteps = 3000;
  for (unsigned seed = 1; seed <= kWorlds; ++seed) {
    CAPTURE(seed);
    Model model(seed);
    for (int number = 0; number < kSteps; ++number) {
      CAPTURE(number);
      INFO(model.told());
      model.step();
    }
    model.settle();
  }
}
