#include "orchestrator/http/event_text.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace carrel::http {

using nlohmann::json;

namespace {

std::string for_viewer(const std::string& data) {
  json object = json::parse(data, nullptr, false);
  if (!object.is_object()) return "{}";
  object.erase("detail");
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string event_text(const std::vector<observe::FeedEvent>& events, Audience audience) {
  if (events.empty()) return ":\n\n";
  std::string text;
  for (const auto& event : events) {
    text += "id: " + std::to_string(event.id) + "\nevent: " + event.type + "\ndata: ";
    text += audience == Audience::viewer ? for_viewer(event.data) : event.data;
    text += "\n\n";
  }
  return text;
}

std::optional<std::uint64_t> parse_event_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return std::nullopt;
  return id;
}

}  // namespace carrel::http
