#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/backup/manifest.hpp"
#include "orchestrator/backup/stream.hpp"

/// A backup: one tar archive, its manifest first, then the parts that it lists, in that order. Every call
/// blocks.
namespace carrel::backup {

/// What is to be put into a backup.
struct Source {
  std::string name;
  std::filesystem::path file;
  bool remember_origin = true;  ///< false: it goes back to no place of its own
};

/// Fills in the parts of `manifest` from the files as they are now, and writes them. They must not change
/// meanwhile: that is found out, as ErrorKind::conflict.
[[nodiscard]] Result<void> write_bundle(Writer& writer, Manifest& manifest,
                                        const std::vector<Source>& sources);

/// Takes the parts as they come. Without the functions they are only checked.
struct Sink {
  std::function<Result<void>(const Part&)> begin;
  std::function<Result<void>(std::string_view)> bytes;
  std::function<Result<void>()> end;
};

/// Reads all of it, and believes only what the manifest and its checksums say. ErrorKind::invalid: damaged.
[[nodiscard]] Result<Manifest> read_bundle(Reader& reader, const Sink& sink = {});

/// Each part as a file of mode 0600 below `folder`.
[[nodiscard]] Result<Manifest> unpack_bundle(Reader& reader, const std::filesystem::path& folder);

}  // namespace carrel::backup
