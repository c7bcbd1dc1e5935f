#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/http/message.hpp"

namespace carrel::http {

struct Services;

enum class Permission {
  anyone,
  viewer,  ///< a live session
  admin,   ///< a live session of an administrator
  stream,  ///< a live session, or a stream token for the video that the path names
};

/// `request` lives until the returned coroutine ends.
using Handler = boost::asio::awaitable<Reply> (*)(Services& services, const Request& request);

struct Route {
  Method method;             ///< get also answers HEAD
  std::string_view pattern;  ///< {x} stands for one path segment, a final {x…} for the rest
  Permission permission;
  std::string_view label;  ///< in metrics and the access log
  Handler handler;
};

/// Every route of the daemon: what drives routing, authorisation, limits, metrics and the check of the API
/// description.
[[nodiscard]] std::span<const Route> routes();

struct RouteMatch {
  const Route* route = nullptr;         ///< null: nothing has this path, or not with this method
  std::vector<std::string> parameters;  ///< in the order of the pattern
  std::string allowed;                  ///< when only the method is wrong: for the Allow header
};

[[nodiscard]] RouteMatch match_route(std::span<const Route> table, Method method, std::string_view path);

}  // namespace carrel::http
