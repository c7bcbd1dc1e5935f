// Where a viewer stopped watching a film, so that they go on there on whatever device.
#include <cmath>

#include "base/unix_time.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/playing.hpp"
#include "orchestrator/http/position.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/store/positions.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::http {
namespace {

constexpr std::size_t kMostOfOneUser = 500;

Result<double> seconds_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const auto member = body->find("seconds");
  const double seconds = member != body->end() && member->is_number() ? member->get<double>() : -1;
  if (!std::isfinite(seconds) || seconds < 0) {
    return make_error(ErrorKind::invalid, R"(the member "seconds" must be a number, 0 or more)");
  }
  return seconds;
}

}  // namespace

AsyncReply keep_position(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  if (!video) co_return no_such_video();
  const Result<double> seconds = seconds_of(request);
  if (seconds.has_error()) co_return problem_from(seconds.error());
  const std::chrono::seconds wait =
      services.position_rate.admit(request.session->user_id, PositionRate::Clock::now());
  if (wait > std::chrono::seconds(0)) {
    co_return problem_later(429, "too-many-positions", "Too many positions at once",
                            "Nobody watches so fast: tell where you are every few seconds.", wait);
  }
  auto write = [user = request.session->user_id, id = video->row.id, now = unix_now(),
                second = goes_on_at(*seconds, duration_of(*video))](sqlite::Connection& db) -> Result<void> {
    if (!second) return store::delete_position(db, user, id);
    return store::save_position(db, {user, id, *second, now}, kMostOfOneUser);
  };
  const Result<void> written = co_await services.store.write(std::move(write));
  if (written.has_error()) co_return problem_from(written.error());
  Response response = make_response(204, {}, {});
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace carrel::http
