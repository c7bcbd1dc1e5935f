#include "orchestrator/config/written.hpp"

#include <array>
#include <charconv>

#include "orchestrator/config/values.hpp"

namespace carrel::config {

std::string written(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string written(const std::filesystem::path& path) {
  return written(path.string());
}

namespace {

template <class Item>
std::string written_list(const std::vector<Item>& items) {
  std::string list = "[";
  for (const auto& item : items) list += (list.size() > 1 ? ", " : "") + written(item);
  return list + "]";
}

}  // namespace

std::string written(const std::vector<std::filesystem::path>& paths) {
  return written_list(paths);
}

std::string written(const std::vector<std::string>& texts) {
  return written_list(texts);
}

std::string written(std::chrono::seconds duration) {
  return written(format_duration(duration));
}

std::string written(double fraction) {
  std::array<char, 32> digits{};
  const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), fraction);
  std::string text(digits.data(), code == std::errc() ? end : digits.data());
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string written_size(std::uint64_t bytes) {
  return written(format_size(bytes));
}

}  // namespace carrel::config
