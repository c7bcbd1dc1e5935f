#include "orchestrator/observe/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "orchestrator/observe/log.hpp"

namespace carrel {

void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> coroutine, const char* what) {
  auto report = [what](std::exception_ptr error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      log::error("bug.exception", {{"where", what}, {"what", e.what()}});
    } catch (...) {
      log::error("bug.exception", {{"where", what}, {"what", "of an unknown type"}});
    }
  };
  boost::asio::co_spawn(std::move(executor), std::move(coroutine), std::move(report));
}

}  // namespace carrel
