#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/jobs/folder.hpp"
#include "orchestrator/jobs/variants.hpp"

// The files of variants, and of those that are begun. Each call blocks: on the executor for files.
namespace carrel::jobs {

struct VariantPaths {
  VariantPaths(const std::string& video, const std::string& name)
      : media(video + "/" + name + ".media"),
        index(video + "/" + name + ".cidx"),
        begun_media(video + "/" + name + ".media.new"),
        begun_index(video + "/" + name + ".cidx.new"),
        checkpoint(video + "/" + name + ".checkpoint") {}
  std::string media, index, begun_media, begun_index, checkpoint;
};

/// What of the rows and the folder belongs together.
struct VariantsFound {
  std::vector<store::VariantRow> whole;
  std::vector<store::VariantRow> lost;  ///< rows without the files that were made
  std::map<std::pair<std::string, std::string>, std::uint64_t> begun;
};

/// ErrorKind::not_found: they are gone, or not those that were made.
[[nodiscard]] Result<OpenVariant> open_files(const Folder& folder, const store::VariantRow& row);

/// Somebody has changed them since.
[[nodiscard]] Result<bool> touched_since_made(const Folder& folder, const store::VariantRow& row);

[[nodiscard]] Result<BegunVariant> open_begun_files(const Folder& folder, const VariantPaths& paths);

/// Bytes of media and index, which are in place and on the disk then; on an error both are where they were.
[[nodiscard]] Result<std::uint64_t> put_in_place(const Folder& folder, const VariantPaths& paths);

/// What put_in_place() did is undone: a converter that goes on with it finds it whole.
[[nodiscard]] Result<void> take_back(const Folder& folder, const VariantPaths& paths);

[[nodiscard]] std::uint64_t bytes_begun(const Folder& folder, const VariantPaths& paths);

/// The rest go as well; the last that could not is told.
[[nodiscard]] Result<void> remove_all(const Folder& folder, const std::vector<std::string>& paths);

/// What belongs to no row and no unfinished job is removed. What was put in place but has no row is as it was
/// begun.
[[nodiscard]] Result<VariantsFound> look(const Folder& folder, const std::vector<store::VariantRow>& rows,
                                         const std::vector<store::JobRow>& unfinished);

}  // namespace carrel::jobs
