#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "orchestrator/cli/event_parser.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::cli;
using carrel::fuzz::require;

namespace {

struct Outcome {
  bool whole = true;  ///< all bytes were taken
  std::vector<ServerEvent> events;
};

Outcome outcome_of(std::string_view bytes, std::size_t step) {
  Outcome outcome;
  EventParser parser([&outcome](const ServerEvent& event) {
    outcome.events.push_back(event);
    return outcome.events.size() < 1000;
  });
  while (outcome.whole && !bytes.empty()) {
    outcome.whole = parser.feed(bytes.substr(0, step));
    bytes.remove_prefix(step < bytes.size() ? step : bytes.size());
  }
  return outcome;
}

}  // namespace

/// Whatever a server streams, the same comes of it however its bytes are cut; the first byte says how.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = outcome_of(bytes, bytes.size() + 1);
  const Outcome cut = outcome_of(bytes, std::size_t{data[0]} + 1);
  require(whole.whole == cut.whole && whole.events.size() == cut.events.size());
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    require(!whole.events[i].name.empty());
    require(whole.events[i].name == cut.events[i].name && whole.events[i].data == cut.events[i].data);
  }
  return 0;
}
