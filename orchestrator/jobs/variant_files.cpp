#include "orchestrator/jobs/variant_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/remedies.hpp"
#include "streamer/protocol/index_version.hpp"

namespace carrel::jobs {

namespace {

// Both are whole seconds, and clocks are set.
constexpr std::int64_t kMadeWithin = 1;

Result<std::uint64_t> size_of(const UniqueFd& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return errno_error("look at a variant's file", errno);
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace

Result<OpenVariant> open_files(const Folder& folder, const store::VariantRow& row) {
  const VariantPaths paths(row.video, row.name);
  auto media = folder.open_to_read(paths.media);
  if (media.has_error()) return media.error();
  auto index = folder.open_to_read(paths.index);
  if (index.has_error()) return index.error();
  const auto media_bytes = size_of(*media);
  if (media_bytes.has_error()) return media_bytes.error();
  const auto index_bytes = size_of(*index);
  if (index_bytes.has_error()) return index_bytes.error();
  if (*media_bytes + *index_bytes != static_cast<std::uint64_t>(row.bytes))
    return make_error(ErrorKind::not_found, "its files have another size than they were made with");
  if (!streamer::is_of_this_version(index->get()))
    return make_error(ErrorKind::not_found, "its index is another Carrel's");
  return OpenVariant{std::move(*media), std::move(*index)};
}

Result<bool> touched_since_made(const Folder& folder, const store::VariantRow& row) {
  const auto open = open_files(folder, row);
  if (open.has_error()) return open.error();
  for (const UniqueFd* file : {&open->media, &open->index}) {
    struct stat facts {};
    if (::fstat(file->get(), &facts) != 0) return errno_error("look at a variant's file", errno);
    if (facts.st_ctim.tv_sec > row.made_at + kMadeWithin) return true;
  }
  return false;
}

Result<BegunVariant> open_begun_files(const Folder& folder, const VariantPaths& paths) {
  auto media = folder.open_to_write(paths.begun_media);
  if (media.has_error()) return media.error();
  auto index = folder.open_to_write(paths.begun_index);
  if (index.has_error()) return index.error();
  auto checkpoint = folder.open_to_write(paths.checkpoint);
  if (checkpoint.has_error()) return checkpoint.error();
  // The index is written at the end; what an earlier converter began of it is worth nothing.
  if (::ftruncate(index->get(), 0) != 0) return errno_error("empty a variant's index", errno);
  return BegunVariant{std::move(*media), std::move(*index), std::move(*checkpoint)};
}

Result<std::uint64_t> put_in_place(const Folder& folder, const VariantPaths& paths) {
  std::uint64_t bytes = 0;
  for (const std::string* begun : {&paths.begun_media, &paths.begun_index}) {
    const auto file = folder.open_to_read(*begun);
    if (file.has_error()) return file.error();
    if (begun == &paths.begun_index && !streamer::is_of_this_version(file->get()))
      return make_error(
          ErrorKind::invalid,
          std::string("the converter's image is another Carrel's; get this one's with ") + kLoadImages);
    // Hours of work: its row must not outlive it when the power fails.
    if (::fsync(file->get()) != 0) return errno_error("write a variant to the disk", errno);
    const auto size = size_of(*file);
    if (size.has_error()) return size.error();
    bytes += *size;
  }
  auto renamed = folder.rename(paths.begun_media, paths.media);
  if (renamed.has_error()) return renamed.error();
  renamed = folder.rename(paths.begun_index, paths.index);
  if (!renamed.has_error()) return bytes;
  static_cast<void>(folder.rename(paths.media, paths.begun_media));
  return renamed.error();
}

Result<void> take_back(const Folder& folder, const VariantPaths& paths) {
  const auto media = folder.rename(paths.media, paths.begun_media);
  const auto index = folder.rename(paths.index, paths.begun_index);
  return media.has_error() ? media : index;
}

std::uint64_t bytes_begun(const Folder& folder, const VariantPaths& paths) {
  std::uint64_t bytes = 0;
  for (const auto& path : {paths.begun_media, paths.begun_index, paths.checkpoint}) {
    const auto file = folder.open_to_read(path);
    if (file.has_error()) continue;
    const auto size = size_of(*file);
    if (size.has_value()) bytes += *size;
  }
  return bytes;
}

Result<void> remove_all(const Folder& folder, const std::vector<std::string>& paths) {
  Result<void> result;
  for (const auto& path : paths) {
    const auto removed = folder.remove(path);
    if (removed.has_error()) result = removed;
  }
  return result;
}

Result<VariantsFound> look(const Folder& folder, const std::vector<store::VariantRow>& rows,
                           const std::vector<store::JobRow>& unfinished) {
  const auto entries = folder.list();
  if (entries.has_error()) return entries.error();
  std::map<std::string, std::uint64_t, std::less<>> there;
  for (const FolderEntry& entry : *entries) there.emplace(entry.path, entry.bytes);

  VariantsFound found;
  std::set<std::string, std::less<>> known;
  for (const store::VariantRow& row : rows) {
    const VariantPaths paths(row.video, row.name);
    const bool whole = there.contains(paths.media) && there.contains(paths.index) &&
                       there[paths.media] + there[paths.index] == static_cast<std::uint64_t>(row.bytes);
    (whole ? found.whole : found.lost).push_back(row);
    if (!whole) continue;
    known.insert({paths.media, paths.index});
  }
  for (const store::JobRow& job : unfinished) {
    const VariantPaths paths(job.video, job.quality);
    // A daemon that ended between put_in_place() and the row left the media so. A converter that goes on with
    // it finds it whole, and writes the index again.
    const auto made = there.find(paths.media);
    if (made != there.end() && !known.contains(paths.media) && there.contains(paths.checkpoint) &&
        !there.contains(paths.begun_media)) {
      const auto back = folder.rename(paths.media, paths.begun_media);
      if (back.has_error()) return back.error();
      there[paths.begun_media] = made->second;
    }
    std::uint64_t bytes = 0;
    for (const auto& path : {paths.begun_media, paths.begun_index, paths.checkpoint}) {
      const auto file = there.find(path);
      if (file == there.end()) continue;
      bytes += file->second;
      known.insert(path);
    }
    if (bytes > 0) found.begun.emplace(std::pair(job.video, job.quality), bytes);
  }
  for (const auto& [path, bytes] : there) {
    if (known.contains(path)) continue;
    const auto removed = folder.remove(path);
    if (removed.has_error()) return removed.error();
  }
  return found;
}

}  // namespace carrel::jobs
