#include "base/backup_name.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <regex>

#include "base/unix_time.hpp"

namespace carrel {

std::string backup_name(std::int64_t now, const std::string& suffix) {
  std::array<char, 16> random{};
  std::snprintf(random.data(), random.size(), "%08x", std::random_device{}());
  return "carrel-" + time_stamp(now) + "-" + random.data() + suffix;
}

std::optional<std::int64_t> backup_made_at(const std::string& name, const std::string& suffix) {
  static const std::regex form(R"(carrel-(\d{8}T\d{6}Z)-[0-9a-f]{8}(\..+))");
  std::smatch part;
  if (!std::regex_match(name, part, form) || part[2].str() != suffix) return std::nullopt;
  return time_of_stamp(part[1].str());
}

}  // namespace carrel
