#include "orchestrator/sandbox/docker/paths.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "orchestrator/sandbox/docker/json.hpp"

namespace carrel::sandbox::docker {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

Result<void> checked(bool good, const char* what, std::string_view text) {
  if (good) return {};
  return make_error(ErrorKind::invalid, "\"" + percent_encoded(text.substr(0, 128)) + "\" is no " + what);
}

}  // namespace

Result<void> check_container(std::string_view id) {
  const bool good = !id.empty() && id.size() <= 128 && is_alphanumeric(id.front()) && only(id, "_.-");
  return checked(good, "container id", id);
}

Result<void> check_image(std::string_view reference) {
  const bool good = !reference.empty() && reference.size() <= 512 && is_alphanumeric(reference.front()) &&
                    only(reference, "_.-/:@") && reference.find("..") == std::string_view::npos;
  return checked(good, "image reference", reference);
}

Result<void> check_signal(std::string_view signal) {
  return checked(!signal.empty() && signal.size() <= 16 && only(signal, "+-"), "signal", signal);
}

std::string label_filters(const Labels& labels, std::string_view type) {
  Json filters = Json::object();
  if (!type.empty()) filters["type"] = Json::array({std::string(type)});
  if (!labels.empty()) {
    Json wanted = Json::array();
    for (const auto& [key, value] : labels) wanted.push_back(key + "=" + value);
    filters["label"] = std::move(wanted);
  }
  return percent_encoded(to_text(filters));
}

}  // namespace carrel::sandbox::docker
