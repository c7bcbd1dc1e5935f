#pragma once

#include <string>
#include <vector>

#include "hwtune/machine/facts.hpp"
#include "hwtune/machine/root.hpp"

/// What of a machine's settings is to be another for films. Changes nothing.
namespace carrel::hwtune::tune {

/// A value of the running kernel: a file of /proc/sys or /sys.
struct LiveChange {
  std::string path;
  std::string name;  ///< for people: "vm.swappiness", "sda: scheduler"
  std::string now;
  std::string wanted;
  std::string why;
};

/// A file that makes the values last over a reboot.
struct WantedFile {
  std::string path;
  std::string content;
};

struct Wanted {
  std::vector<LiveChange> live;  ///< also of those that have their value already
  std::vector<WantedFile> files;
  std::vector<std::string> left;  ///< what stays as it is, though it could be better, and why
  std::vector<std::string>
      others;  ///< paths of values that others set, or that cannot be set: not even set back
};

inline constexpr char kSysctlFile[] = "etc/sysctl.d/60-carrel-hwtune.conf";
inline constexpr char kUdevFile[] = "etc/udev/rules.d/60-carrel-hwtune.rules";
inline constexpr char kTmpfilesFile[] = "etc/tmpfiles.d/60-carrel-hwtune.conf";

/// `untouched` are the values from before hwtune's own changes, by path, where there are such: what is wanted
/// is judged from these, so that twice is as once.
using Untouched = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] Wanted wanted_of(const machine::Root& root, const machine::Facts& facts,
                               const Untouched& untouched);

/// What a file of the kernel means: the word in brackets where there is one, else the words.
[[nodiscard]] std::string meaning_of(const std::string& text);

}  // namespace carrel::hwtune::tune
