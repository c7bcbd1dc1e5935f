#include <doctest/doctest.h>

#include <set>
#include <string>

#include "orchestrator/http/route.hpp"

using namespace carrel::http;

namespace {

constexpr Route kTable[] = {
    {Method::get, "/", Permission::anyone, "root", nullptr},
    {Method::get, "/videos", Permission::viewer, "list", nullptr},
    {Method::get, "/videos/{id}", Permission::viewer, "one", nullptr},
    {Method::post, "/videos/{id}", Permission::admin, "change", nullptr},
    {Method::get, "/stream/{id}/{resource…}", Permission::stream, "stream", nullptr},
};

std::string label(Method method, std::string_view path) {
  const auto match = match_route(kTable, method, path);
  return match.route == nullptr ? "" : std::string(match.route->label);
}

}  // namespace

TEST_CASE("a path finds its route and nothing else does") {
  CHECK(label(Method::get, "/") == "root");
  CHECK(label(Method::head, "/videos") == "list");
  CHECK(label(Method::get, "/videos/7") == "one");
  CHECK(label(Method::post, "/videos/7") == "change");
  CHECK(label(Method::get, "/stream/7/a/b/c") == "stream");
  for (const char* path :
       {"", "videos", "/videos/", "/videos/7/", "/videos//", "/stream/7", "/stream/7/", "//"}) {
    CAPTURE(path);
    CHECK(label(Method::get, path).empty());
  }
}

TEST_CASE("parameters come in the order of the pattern") {
  const auto match = match_route(kTable, Method::get, "/stream/film/2/17.m4s");
  CHECK(match.parameters == std::vector<std::string>{"film", "2/17.m4s"});
}

TEST_CASE("a wrong method is told which ones are right") {
  const auto match = match_route(kTable, Method::other, "/videos/7");
  CHECK(match.route == nullptr);
  CHECK(match.allowed == "GET, HEAD, POST");
  CHECK(match_route(kTable, Method::post, "/nowhere").allowed.empty());
}

TEST_CASE("every route has a handler and a label, and what changes something asks who is there") {
  std::set<std::string_view> open_to_anyone;
  for (const Route& route : routes()) {
    CAPTURE(route.pattern);
    CHECK((route.handler != nullptr));
    CHECK_FALSE(route.label.empty());
    if (route.permission == Permission::anyone) open_to_anyone.insert(route.pattern);
  }
  const std::set<std::string_view> expected{
      "/api/v1/auth/login", "/livez",  "/healthz", "/readyz", "/metrics", "/", "/login",
      "/watch/{id}",        "/{file…}"};
  CHECK(open_to_anyone == expected);
}
