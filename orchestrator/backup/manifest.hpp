#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

/// What a backup says of itself: its first file, manifest.json.
namespace carrel::backup {

inline constexpr char kManifestName[] = "manifest.json";
inline constexpr char kDatabaseName[] = "carrel.db";

struct Part {
  std::string name;    ///< in the backup: letters, digits, "-", "_", "." and "/"
  std::string origin;  ///< the absolute path that it was read from; empty: no file of its own
  std::uint64_t size = 0;
  std::string sha256;
  std::uint32_t mode = 0600;
  std::string user{};  ///< to whom it belonged, by name, for numbers differ; empty: not known
  std::string group{};

  bool operator==(const Part&) const = default;
};

/// An image that the instance ran, by what it was called and what it was.
struct Image {
  std::string name;
  std::string id;  ///< empty: the engine was not there to say

  bool operator==(const Image&) const = default;
};

struct Manifest {
  std::int64_t made_at = 0;
  std::string version;  ///< of Carrel
  std::string host;
  std::vector<Part> parts;  ///< in the order in which they follow
  std::vector<Image> images;

  bool operator==(const Manifest&) const = default;
};

[[nodiscard]] std::string to_json(const Manifest& manifest);
/// ErrorKind::invalid: no manifest, or with names or paths that would lead elsewhere. ErrorKind::conflict: of
/// a newer form.
[[nodiscard]] Result<Manifest> parse_manifest(const std::string& text);

}  // namespace carrel::backup
