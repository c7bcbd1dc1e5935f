#include "hwtune/machine/mounts.hpp"

#include <algorithm>

#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

/// Spaces and the like stand there as "\040".
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_octal = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(i + 1) && is_octal(i + 2) && is_octal(i + 3)) {
      const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool lies_under(std::string_view path, std::string_view point) {
  if (point == "/") return path.starts_with("/");
  return path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  constexpr std::size_t kFixed = 6;  // fields before the optional ones
  std::vector<Mount> mounts;
  for (const auto line : lines_of(mountinfo)) {
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < kFixed || words.end() - dash < 4) continue;
    std::string options(words[5]);
    for (const auto option : split(dash[3], ",")) {
      if (("," + options + ",").find("," + std::string(option) + ",") == std::string::npos) {
        options += "," + std::string(option);
      }
    }
    mounts.push_back({std::string(words[2]), unescaped(words[4]), std::string(dash[1]), unescaped(dash[2]),
                      std::move(options)});
  }
  return mounts;
}

std::optional<Mount> mount_of(const std::vector<Mount>& mounts, std::string_view path) {
  std::optional<Mount> found;
  for (const auto& mount : mounts) {
    if (!lies_under(path, mount.point)) continue;
    if (!found || mount.point.size() >= found->point.size()) found = mount;
  }
  return found;
}

}  // namespace carrel::machine
