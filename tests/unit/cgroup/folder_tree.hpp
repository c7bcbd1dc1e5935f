#pragma once

#include <filesystem>
#include <string>

#include "orchestrator/cgroup/tree.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::cgroup::test {

/// Cgroups in a folder of files: "/memory/docker/4f…/memory.stat", those of v2 below "/unified". Gone with
/// this value.
class FolderTree final : public Tree {
 public:
  /// Writes /proc/`pid`/cgroup.
  void put_process(std::int64_t pid, const std::string& text);
  void put(const std::string& controller, const std::string& group, const std::string& file,
           const std::string& text);

  [[nodiscard]] Result<std::string> groups_of(std::int64_t pid) const override;
  [[nodiscard]] std::optional<std::string> read(const std::string& controller, const std::string& group,
                                                const std::string& file) const override;
  [[nodiscard]] Result<void> write(const std::string& controller, const std::string& group,
                                   const std::string& file, const std::string& value) const override;

 private:
  /// Below the folder.
  [[nodiscard]] std::filesystem::path path_of(const std::string& controller, const std::string& group,
                                              const std::string& file) const;

  carrel::support::TemporaryDirectory root_;
};

}  // namespace carrel::cgroup::test
