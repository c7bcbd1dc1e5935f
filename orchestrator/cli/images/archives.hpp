#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

/// The images that an installed Carrel brings with it, as files that an engine can load.
namespace carrel::cli::images {

/// On every image that was made for a package, so that it can be told from one of a checkout.
inline constexpr char kLabel[] = "carrel.packaged=yes";

struct Archive {
  std::filesystem::path file;
  std::string repository;  ///< "carrel-streamer"
  std::string tag;         ///< of what is in it: the same tag is the same content

  [[nodiscard]] std::string image() const { return repository + ":" + tag; }
};

/// From a name like "carrel-streamer-0123456789abcdef.tar"; nothing for another.
[[nodiscard]] std::optional<Archive> archive_of(const std::filesystem::path& file);

/// Those in `folder`, by name. ErrorKind::not_found when there is none.
[[nodiscard]] Result<std::vector<Archive>> archives_in(const std::filesystem::path& folder);

/// share/carrel/images below the prefix that this program is installed in.
[[nodiscard]] std::filesystem::path installed_folder();

}  // namespace carrel::cli::images
