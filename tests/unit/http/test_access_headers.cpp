#include <doctest/doctest.h>

#include "orchestrator/http/cookie.hpp"
#include "orchestrator/http/problem.hpp"

using namespace carrel;
using namespace carrel::http;

TEST_CASE("a cookie is found by its whole name") {
  CHECK(cookie_value("carrel_session=abc", kSessionCookie) == "abc");
  CHECK(cookie_value("a=1; carrel_session=abc; b=2", kSessionCookie) == "abc");
  CHECK(cookie_value("xcarrel_session=no;carrel_session=yes", kSessionCookie) == "yes");
  CHECK(cookie_value("carrel_session", kSessionCookie).empty());
  CHECK(cookie_value(";;; ", kSessionCookie).empty());
}

TEST_CASE("the session cookie is out of reach of scripts and of other sites") {
  const auto cookie = set_session_cookie("abc", std::chrono::hours(1), {});
  CHECK(cookie == "carrel_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600");
  CHECK(clear_session_cookie({}).ends_with("Max-Age=0"));
}

TEST_CASE("over TLS the session cookie stays there, and below the base path") {
  const auto cookie = set_session_cookie("abc", std::chrono::hours(1), {"/carrel", true});
  CHECK(cookie == "carrel_session=abc; Path=/carrel/; HttpOnly; SameSite=Strict; Secure; Max-Age=3600");
  CHECK(clear_session_cookie({"/carrel", true}).find("Path=/carrel/") != std::string::npos);
}

TEST_CASE("an error becomes a problem document of its kind") {
  const auto response = problem_from(make_error(ErrorKind::busy, "all 3 booths are taken"));
  CHECK(response.status == 429);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body->find("urn:carrel:problem:busy") != std::string::npos);
  bool comes_back = false;
  for (const auto& [name, value] : response.headers) comes_back = comes_back || name == "Retry-After";
  CHECK(comes_back);
  CHECK(problem_from(make_error(ErrorKind::not_found, "x")).status == 404);
  CHECK(problem_from(make_error(ErrorKind::timeout, "x")).status == 504);
}

TEST_CASE("what is not UTF-8 still makes a document") {
  CHECK(problem(400, "invalid", "No", "bad \xff byte").body->find("bad") != std::string::npos);
}
