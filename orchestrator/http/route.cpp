#include "orchestrator/http/route.hpp"

#include <optional>

namespace carrel::http {
namespace {

constexpr std::string_view kRest = "…}";

std::string_view take_segment(std::string_view& path) {
  const auto slash = path.find('/');
  const auto segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

std::optional<std::vector<std::string>> match_pattern(std::string_view pattern, std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const bool more_path = path.find('/') != std::string_view::npos;
    const auto expected = take_segment(pattern);
    if (expected.starts_with('{') && expected.ends_with(kRest)) {
      parameters.emplace_back(path);
      return parameters;
    }
    const auto segment = take_segment(path);
    if (expected.starts_with('{')) {
      if (segment.empty()) return std::nullopt;
      parameters.emplace_back(segment);
    } else if (expected != segment) {
      return std::nullopt;
    }
    if (more_path && path.empty()) return std::nullopt;
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

bool answers(const Route& route, Method method) {
  return route.method == method || (route.method == Method::get && method == Method::head);
}

void add_allowed(std::string& allowed, Method method) {
  const std::string_view names = method == Method::get ? "GET, HEAD" : to_string(method);
  // Several patterns may match one path, as /{file…} does nearly all.
  if (allowed.find(names) != std::string::npos) return;
  if (!allowed.empty()) allowed += ", ";
  allowed += names;
}

}  // namespace

RouteMatch match_route(std::span<const Route> table, Method method, std::string_view path) {
  RouteMatch result;
  for (const Route& route : table) {
    auto parameters = match_pattern(route.pattern, path);
    if (!parameters) continue;
    if (answers(route, method)) {
      result.route = &route;
      result.parameters = std::move(*parameters);
      result.allowed.clear();
      return result;
    }
    add_allowed(result.allowed, route.method);
  }
  return result;
}

}  // namespace carrel::http
