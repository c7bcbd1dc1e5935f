#include "orchestrator/cli/api.hpp"

#include <doctest/doctest.h>

using namespace carrel::cli;

namespace {

ExitCode code_of(int status, const char* slug) {
  const std::string body =
      std::string(R"({"type":"urn:carrel:problem:)") + slug + R"(","title":"T","detail":"D"})";
  return failure_from(status, body, "GET /x").code;
}

Endpoint at_socket(const std::string& path) {
  Endpoint endpoint;
  endpoint.shown = path;
  endpoint.base_url = "http://carreld";
  endpoint.unix_socket = path;
  return endpoint;
}

}  // namespace

TEST_CASE("each kind of refusal has its exit code") {
  CHECK(code_of(404, "not-found") == ExitCode::not_found);
  CHECK(code_of(401, "bad-admin-token") == ExitCode::refused);
  CHECK(code_of(403, "not-local-admin") == ExitCode::refused);
  CHECK(code_of(400, "invalid") == ExitCode::failed);
  CHECK(code_of(409, "conflict") == ExitCode::failed);
  CHECK(code_of(503, "unavailable") == ExitCode::failed);
}

TEST_CASE("the daemon's words are passed on, and a body that is no problem does no harm") {
  CHECK(failure_from(409, R"({"title":"T","detail":"D"})", "").message == "T: D");
  CHECK(failure_from(502, "<html>", "").message == "status 502");
  CHECK(failure_from(500, R"({"title":5})", "").code == ExitCode::failed);
}

TEST_CASE("a path that the daemon does not have is not a missing thing") {
  const auto failure = failure_from(404, R"({"title":"There is no such resource","detail":"D"})", "GET /new");
  CHECK(failure.code == ExitCode::failed);
  CHECK(failure.message.find("GET /new") != std::string::npos);
  CHECK(failure_from(404, R"({"title":"There is no such page","detail":"D"})", "").code == ExitCode::failed);
  CHECK(failure_from(405, R"({"title":"T","detail":"D"})", "POST /new").message.find("POST /new") !=
        std::string::npos);
}

TEST_CASE("nobody there is told from everything else") {
  const auto answer = Api(at_socket("/nowhere/admin.sock")).get("/x");
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == ExitCode::unreachable);
  CHECK(answer.error().message.find("/nowhere/admin.sock") != std::string::npos);
}
