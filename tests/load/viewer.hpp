#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <random>
#include <string>

#include "tests/load/connection.hpp"
#include "tests/load/playhead.hpp"
#include "tests/load/playlist.hpp"

namespace carrel::load {

enum class Habit {
  watches,
  seeks,     ///< somewhere else every half minute or so
  pauses,    ///< for ten seconds, now and then
  aborts,    ///< drops what is being fetched, and asks again
  slow_line  ///< half more than the film's bit rate
};

[[nodiscard]] const char* name_of(Habit habit);

struct ViewerPlan {
  int number = 0;
  std::string user, password;
  std::string title;
  Habit habit = Habit::watches;
  Line line;
  Clock::time_point arrives, leaves;
  std::uint64_t seed = 0;
};

/// Gets each thing that happens: {"viewer", "event", …}.
using Tell = std::function<void(nlohmann::json)>;

/// Logs in, presses play, and watches as hls.js does: picture and sound are fetched side by side, each up to
/// 30 s ahead; goes away at `leaves`, logging out. `executor` must run on one thread.
boost::asio::awaitable<void> watch(boost::asio::any_io_executor executor, ViewerPlan plan, Tell tell);

}  // namespace carrel::load
