#include "streamer/respond/problem.hpp"

namespace carrel::streamer {

// The texts are the constants above and hold nothing that JSON escapes.
std::string to_json(const Problem& problem) {
  std::string json = R"({"type":"urn:carrel:problem:)";
  json.append(problem.slug);
  json.append(R"(","title":")").append(problem.title);
  json.append(R"(","status":)").append(std::to_string(problem.status));
  json.append(R"(,"detail":")").append(problem.detail).append("\"}\n");
  return json;
}

}  // namespace carrel::streamer
