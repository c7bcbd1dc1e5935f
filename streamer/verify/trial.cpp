#include "streamer/verify/trial.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

namespace carrel::streamer::verify {

Seen judge(long result) {
  if (result >= 0) {
    return {false, "succeeded"};
  }
  const char* name = ::strerrorname_np(errno);
  return {true, name != nullptr ? name : "errno " + std::to_string(errno)};
}

bool as_expected(const Trial& trial, const Seen& seen) {
  return seen.refused && std::string_view(trial.expected).find(seen.outcome) != std::string_view::npos;
}

std::vector<Trial> all_trials() {
  std::vector<Trial> all;
  for (const auto part :
       {state_trials(), file_trials(), network_trials(), client_trials(), kernel_trials()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace carrel::streamer::verify
