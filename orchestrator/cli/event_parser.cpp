#include "orchestrator/cli/event_parser.hpp"

namespace carrel::cli {
namespace {

constexpr std::size_t kMaxLine = 1 << 20;

}  // namespace

bool EventParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      if (!end_line()) return false;
    } else if (line_.size() >= kMaxLine) {
      return false;
    } else {
      line_ += c;
    }
  }
  return true;
}

bool EventParser::end_line() {
  std::string line = std::exchange(line_, {});
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) {
    ServerEvent event = std::exchange(event_, {});
    if (!std::exchange(has_data_, false)) return true;
    if (event.name.empty()) event.name = "message";
    return take_(event);
  }
  const auto colon = line.find(':');
  const std::string field = line.substr(0, colon);
  std::string value = colon == std::string::npos ? std::string() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.erase(0, 1);
  if (field == "event") event_.name = value;
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
  return event_.data.size() <= kMaxLine;
}

}  // namespace carrel::cli
