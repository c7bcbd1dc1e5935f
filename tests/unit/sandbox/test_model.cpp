#include <cstdlib>
#include <string>

#include "model.hpp"

using carrel::sandbox::fake::Model;

namespace {

void run_world(Model& model, int steps) {
  for (int number = 0; number < steps; ++number) {
    CAPTURE(number);
    INFO(model.told());
    model.step();
  }
}

}  // namespace

TEST_CASE("whatever happens, no sandbox is without an owner, shared, used again, or left behind") {
  unsigned first = 1;
  unsigned last = 6;
  // As a failure prints it.
  if (const char* const asked = std::getenv("CARREL_MODEL_SEED"))
    first = last = static_cast<unsigned>(std::stoul(asked));
  constexpr int kSteps = 3000;
  for (unsigned seed = first; seed <= last; ++seed) {
    INFO("CARREL_MODEL_SEED=" << seed);
    Model model(seed);
    run_world(model, kSteps);
    INFO(model.told());
    model.settle();
  }
}
