#include "orchestrator/sandbox/waiting_line.hpp"

#include <algorithm>
#include <utility>

namespace carrel::sandbox {

std::optional<std::size_t> WaitingLine::stand(std::string_view session, Clock::time_point now) {
  drop_the_gone(now);
  auto place = std::ranges::find(places_, session, &Place::session);
  if (place == places_.end()) {
    if (places_.size() >= most_) return std::nullopt;
    place = places_.insert(places_.end(), Place{std::string(session), now, 0});
  }
  place->asked = now;
  return static_cast<std::size_t>(place - places_.begin()) + 1;
}

bool WaitingLine::may_go(std::string_view session, Clock::time_point now) {
  drop_the_gone(now);
  const auto first = std::ranges::find_if(
      places_, [&](const Place& place) { return place.session == session || now - place.asked <= absence_; });
  return first == places_.end() || first->session == session;
}

bool WaitingLine::is_news(std::string_view session, std::size_t position) {
  const auto place = std::ranges::find(places_, session, &Place::session);
  return place != places_.end() && std::exchange(place->told, position) != position;
}

void WaitingLine::leave(std::string_view session) {
  std::erase_if(places_, [&](const Place& place) { return place.session == session; });
}

std::size_t WaitingLine::size(Clock::time_point now) {
  drop_the_gone(now);
  return places_.size();
}

void WaitingLine::drop_the_gone(Clock::time_point now) {
  std::erase_if(places_, [&](const Place& place) { return now - place.asked > patience_; });
}

}  // namespace carrel::sandbox
