#include "orchestrator/http/json_body.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr int kMaxDepth = 16;

bool is_json(std::string_view content_type) {
  constexpr std::string_view kJson = "application/json";
  const auto type = content_type.substr(0, content_type.find(';'));
  return type.substr(0, type.find_last_not_of(' ') + 1) == kJson;
}

}  // namespace

Result<json> json_object(const Request& request) {
  if (!is_json(request.headers.content_type)) {
    return make_error(ErrorKind::invalid, "send the body as application/json");
  }
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kMaxDepth; };
  json value = json::parse(request.body, shallow, false);
  if (value.is_discarded() || !value.is_object()) {
    return make_error(ErrorKind::invalid, "the body is not a JSON object");
  }
  return Result<json>(boost::system::in_place_value, std::move(value));
}

Result<std::string> string_member(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return make_error(ErrorKind::invalid, std::string("the member \"") + name + "\" must be a string");
  }
  return member->get<std::string>();
}

Response json_response(unsigned status, const json& value) {
  Response response =
      make_response(status, "application/json", value.dump(-1, ' ', false, json::error_handler_t::replace));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace carrel::http
