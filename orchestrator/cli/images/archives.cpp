#include "orchestrator/cli/images/archives.hpp"

#include <algorithm>
#include <regex>
#include <system_error>

namespace carrel::cli::images {

namespace fs = std::filesystem;

std::optional<Archive> archive_of(const fs::path& file) {
  static const std::regex form("(carrel-[a-z]+)-([0-9a-f]{16})\\.tar");
  std::smatch parts;
  const std::string name = file.filename().string();
  if (!std::regex_match(name, parts, form)) return std::nullopt;
  return Archive{file, parts[1], parts[2]};
}

Result<std::vector<Archive>> archives_in(const fs::path& folder) {
  std::vector<Archive> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (auto archive = archive_of(entry.path())) found.push_back(std::move(*archive));
  }
  if (found.empty()) {
    return make_error(ErrorKind::not_found, "there are no images in " + folder.string() +
                                                "; they come with Carrel's package, or scripts/build-image "
                                                "makes them");
  }
  std::ranges::sort(found, {}, [](const Archive& one) { return one.file; });
  return found;
}

fs::path installed_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "share/carrel/images";
}

}  // namespace carrel::cli::images
