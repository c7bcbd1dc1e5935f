#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/backup/manifest.hpp"

namespace carrel::cli::backups {

/// In bytes; nothing larger is taken for one.
inline constexpr std::size_t kLargestSetting = 1 << 20;

/// Files in `folder` that a backup takes: all but what restoring settings set aside or left half done.
/// ErrorKind::invalid: more than it can hold.
[[nodiscard]] Result<std::vector<std::filesystem::path>> settings_in(const std::filesystem::path& folder);

/// The settings of a backup, put where they were: all of them, or none unless stay() is called.
class SettingsChange {
 public:
  SettingsChange() = default;
  SettingsChange(const SettingsChange&) = delete;
  SettingsChange& operator=(const SettingsChange&) = delete;
  /// Takes back what was put.
  ~SettingsChange();

  /// From `folder`, where the backup is unpacked. A file that is there and differs is kept, or with `over`
  /// set aside as ….before-restore-TIME. A link is kept in any case, and so is a file among `others`:
  /// somebody else makes it.
  Result<void> put(const backup::Manifest& manifest, const std::filesystem::path& folder, bool over,
                   const std::set<std::filesystem::path>& others = {});
  void stay() { stays_ = true; }

  /// What was put, and what was not because something else was there.
  [[nodiscard]] std::vector<std::string> origins() const;
  [[nodiscard]] const std::vector<std::string>& kept() const { return kept_; }

 private:
  struct Placed {
    std::string origin;
    std::filesystem::path aside;  ///< empty: nothing was there
  };

  static void take_back(const Placed& one);

  std::vector<Placed> placed_;
  std::vector<std::string> kept_;
  bool stays_ = false;
};

}  // namespace carrel::cli::backups
