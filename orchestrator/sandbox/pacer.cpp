#include "orchestrator/sandbox/pacer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace carrel::sandbox {
namespace {

constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

void pace(int socket, std::uint64_t rate) {
  const std::uint64_t wanted = rate == 0 ? kUnbounded : rate;
  // Not TCP (the admin socket): nothing to pace.
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_MAX_PACING_RATE, &wanted, sizeof wanted));
}

}  // namespace

std::vector<std::uint64_t> fair_rates(std::uint64_t total, std::span<const std::uint64_t> caps) {
  std::vector<std::uint64_t> rates(caps.begin(), caps.end());
  if (total == 0 || caps.empty()) return rates;
  const auto cap = [&](std::size_t lane) { return caps[lane] == 0 ? kUnbounded : caps[lane]; };
  std::vector<std::size_t> order(caps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, cap);
  std::uint64_t left = total;
  std::size_t lanes_left = order.size();
  for (const std::size_t lane : order) {
    const std::uint64_t share = std::max<std::uint64_t>(left / lanes_left, 1);
    rates[lane] = std::min(cap(lane), share);
    left -= std::min(left, rates[lane]);
    --lanes_left;
  }
  return rates;
}

Pacer::Lane::~Lane() {
  if (!state_) return;
  auto& state = *static_cast<Pacer::State*>(state_.get());
  const auto mine = state.lanes.find(id_);
  // What comes next on this connection is nobody's film.
  if (mine->second.rate != 0) pace(mine->second.socket, 0);
  state.lanes.erase(mine);
  share_out(state);
}

Pacer::Lane Pacer::enter(int socket, const std::string& session) {
  const std::uint64_t id = state_->next_id++;
  state_->lanes.emplace(id, Open{socket, session, 0});
  share_out(*state_);
  return Lane(state_, id);
}

void Pacer::limit(const std::string& session, std::uint64_t bandwidth) {
  const auto known = state_->limits.find(session);
  if (bandwidth == (known == state_->limits.end() ? 0 : known->second)) return;
  if (bandwidth == 0) {
    state_->limits.erase(session);
  } else {
    state_->limits[session] = bandwidth;
  }
  share_out(*state_);
}

void Pacer::share_out(State& state) {
  if (state.total == 0 && state.limits.empty()) {
    for (auto& [id, lane] : state.lanes) {
      if (std::exchange(lane.rate, 0) != 0) pace(lane.socket, 0);
    }
    return;
  }
  std::map<std::string, std::uint64_t> lanes_of;
  for (const auto& [id, lane] : state.lanes) ++lanes_of[lane.session];
  std::vector<std::uint64_t> caps;
  caps.reserve(state.lanes.size());
  for (const auto& [id, lane] : state.lanes) {
    const auto limit = state.limits.find(lane.session);
    caps.push_back(
        limit == state.limits.end() ? 0 : std::max<std::uint64_t>(limit->second / lanes_of[lane.session], 1));
  }
  const auto rates = fair_rates(state.total, caps);
  auto rate = rates.begin();
  for (auto& [id, lane] : state.lanes) {
    if (std::exchange(lane.rate, *rate) != *rate) pace(lane.socket, *rate);
    ++rate;
  }
}

}  // namespace carrel::sandbox
