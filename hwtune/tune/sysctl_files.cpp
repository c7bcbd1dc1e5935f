#include "hwtune/tune/sysctl_files.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>

#include "hwtune/machine/text.hpp"
#include "hwtune/tune/wanted.hpp"

namespace carrel::hwtune::tune {
namespace {

constexpr std::string_view kKernels = "proc/sys/";
// A file hides those of its name in the later folders, and hides them as well when it is a link to /dev/null.
constexpr std::array<const char*, 3> kAdministrators{"etc/sysctl.d/", "run/sysctl.d/",
                                                     "usr/local/lib/sysctl.d/"};
constexpr std::array<const char*, 2> kDistributions{"usr/lib/sysctl.d/", "lib/sysctl.d/"};

/// The files that are read, by their names: in that order.
std::map<std::string, std::string> files_in(const machine::Root& root) {
  const std::string own = std::filesystem::path(kSysctlFile).filename().string();
  std::map<std::string, std::string> files;
  for (const std::string folder : kAdministrators) {
    for (const auto& name : root.list(folder)) {
      if (name.ends_with(".conf") && name != own) files.try_emplace(name, folder + name);
    }
  }
  for (const std::string folder : kDistributions) {
    for (const auto& name : root.list(folder)) {
      if (name.ends_with(".conf") && name > own) files.try_emplace(name, folder + name);
    }
  }
  return files;
}

/// "net/ipv4/conf/eth0.1/x" for the same and for "net.ipv4.conf.eth0/1.x": the first separator tells.
std::string as_path(std::string key) {
  const auto first = key.find_first_of("./");
  if (first == std::string::npos || key[first] == '/') return key;
  for (char& c : key) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return key;
}

bool is_pattern(const std::string& key) {
  return key.find_first_of("*?[") != std::string::npos;
}

}  // namespace

SysctlFiles::SysctlFiles(const machine::Root& root) {
  add(root, "etc/sysctl.conf");
  for (const auto& [name, file] : files_in(root)) add(root, file);
}

void SysctlFiles::add(const machine::Root& root, const std::string& file) {
  const auto text = root.text(file).value_or("");
  for (const auto each : machine::lines_of(text)) {
    auto line = machine::trimmed(each);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const bool sets = line.find('=') != std::string_view::npos;
    const bool marked = line.front() == '-';
    // Without a value only "-key" says something: that the key is left out.
    if (!sets && !marked) continue;
    if (marked) line.remove_prefix(1);
    add({as_path(std::string(machine::trimmed(line.substr(0, line.find('='))))), sets, "/" + file});
  }
}

void SysctlFiles::add(Line line) {
  std::erase_if(lines_, [&](const Line& earlier) { return earlier.key == line.key; });
  lines_.push_back(std::move(line));
}

std::optional<std::string> SysctlFiles::decision_on(const std::string& path) const {
  if (!path.starts_with(kKernels)) return std::nullopt;
  const std::string key = path.substr(kKernels.size());
  // One that is named is in no pattern.
  const auto named = std::ranges::find(lines_, key, &Line::key);
  if (named != lines_.end()) return named->file + (named->sets ? " sets it" : " leaves it out");
  const auto last = std::find_if(lines_.rbegin(), lines_.rend(), [&](const Line& line) {
    return line.sets && is_pattern(line.key) && ::fnmatch(line.key.c_str(), key.c_str(), FNM_PATHNAME) == 0;
  });
  if (last == lines_.rend()) return std::nullopt;
  return last->file + " sets it";
}

}  // namespace carrel::hwtune::tune
