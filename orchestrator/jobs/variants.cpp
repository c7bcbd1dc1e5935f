#include "orchestrator/jobs/variants.hpp"

#include <algorithm>
#include <optional>

#include "base/unix_time.hpp"
#include "orchestrator/jobs/variant_files.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::jobs {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t kTouchEvery = 60;  // seconds: the database need not know of each segment
constexpr std::int64_t kTrusted = 86'400;

bool is_of(const store::VariantRow& variant, const store::VideoRow& video) {
  return variant.film_size == video.size && variant.film_mtime_ns == video.mtime_ns;
}

}  // namespace

Variants::Variants(asio::any_io_executor executor, store::Store& store, Folder folder,
                   std::function<void()> on_change, std::function<void(const Error&)> on_error)
    : executor_(std::move(executor)),
      store_(store),
      folder_(std::move(folder)),
      on_change_(std::move(on_change)),
      on_error_(std::move(on_error)) {}

asio::awaitable<Result<void>> Variants::load(std::vector<store::JobRow> unfinished) {
  Result<std::vector<store::VariantRow>> rows = co_await store_.read(store::load_variants);
  if (rows.has_error()) co_return rows.error();
  auto work = [folder = folder_, rows = std::move(*rows), unfinished = std::move(unfinished)]() {
    return look(folder, rows, unfinished);
  };
  Result<VariantsFound> found = co_await offload(files_, std::move(work));
  if (found.has_error()) co_return found.error();
  begun_ = std::move(found->begun);
  for (store::VariantRow& row : found->whole) {
    Name name(row.video, row.name);
    variants_.insert_or_assign(std::move(name), std::move(row));
  }
  for (const store::VariantRow& row : found->lost) {
    auto forget = [row](sqlite::Connection& db) { return store::delete_variant(db, row.video, row.name); };
    const Result<void> forgotten = co_await store_.write(std::move(forget));
    if (forgotten.has_error()) co_return forgotten.error();
    if (on_damaged_) on_damaged_({row.video, row.name, "its files were lost while no daemon ran"});
  }
  co_return Result<void>();
}

std::vector<store::VariantRow> Variants::of(const store::VideoRow& video) const {
  std::vector<store::VariantRow> rows;
  for (auto found = variants_.lower_bound(Name(video.id, "")); found != variants_.end(); ++found) {
    if (found->first.first != video.id) break;
    if (is_of(found->second, video)) rows.push_back(found->second);
  }
  std::ranges::stable_sort(rows, std::ranges::greater(), &store::VariantRow::height);
  return rows;
}

const store::VariantRow* Variants::find(const store::VideoRow& video, std::string_view name) const {
  const auto found = variants_.find(Name(video.id, name));
  const bool usable = found != variants_.end() && is_of(found->second, video);
  return usable ? &found->second : nullptr;
}

std::vector<store::VariantRow> Variants::all() const {
  std::vector<store::VariantRow> rows;
  rows.reserve(variants_.size());
  for (const auto& [name, row] : variants_) rows.push_back(row);
  return rows;
}

asio::awaitable<Result<OpenVariant>> Variants::open(store::VideoRow video, std::string name) {
  const Name key(video.id, name);
  const store::VariantRow* row = find(video, name);
  if (row == nullptr) co_return make_error(ErrorKind::not_found, "the film has no variant " + name);
  auto work = [folder = folder_, row = *row]() { return open_files(folder, row); };
  Result<OpenVariant> opened = co_await offload(files_, std::move(work));
  const auto still = variants_.find(key);
  if (opened.has_value() && still != variants_.end()) touch(still->second);
  const bool gone = opened.has_error() && opened.error().kind == ErrorKind::not_found;
  if (gone) spawn(executor_, look_at_damaged(key, false), "looking at a variant that is gone");
  co_return opened;
}

asio::awaitable<Result<std::vector<VariantIndex>>> Variants::open_indexes(store::VideoRow video) {
  struct Opened {
    std::vector<VariantIndex> opened;
    std::vector<std::string> gone;
  };
  std::vector<store::VariantRow> rows = of(video);
  if (rows.empty()) co_return std::vector<VariantIndex>();
  auto work = [folder = folder_, rows = std::move(rows)]() -> Result<Opened> {
    Opened found;
    for (const store::VariantRow& row : rows) {
      auto files = open_files(folder, row);
      if (files.has_value()) {
        found.opened.push_back({row.name, std::move(files->index)});
      } else if (files.error().kind == ErrorKind::busy) {
        return files.error();
      } else if (files.error().kind == ErrorKind::not_found) {
        found.gone.push_back(row.name);
      }
    }
    return found;
  };
  Result<Opened> found = co_await offload(files_, std::move(work));
  if (found.has_error()) co_return found.error();
  for (const std::string& name : found->gone) {
    const Name key(video.id, name);
    spawn(executor_, look_at_damaged(key, false), "looking at a variant that is gone");
  }
  co_return std::move(found->opened);
}

void Variants::report_damaged(const std::string& video, const std::string& name) {
  const Name key(video, name);
  spawn(executor_, look_at_damaged(key, true), "looking at a variant that is called damaged");
}

asio::awaitable<void> Variants::look_at_damaged(Name name, bool accused) {
  const auto known = variants_.find(name);
  if (known == variants_.end()) co_return;
  const store::VariantRow row = known->second;
  auto work = [folder = folder_, row]() { return touched_since_made(folder, row); };
  const Result<bool> touched = co_await offload(files_, std::move(work));
  std::string reason;
  if (touched.has_error() && touched.error().kind == ErrorKind::not_found) {
    reason = "its files are gone, or are not those that were made";
  } else if (touched.has_error()) {
    on_error_(touched.error());
    co_return;
  } else if (accused && (*touched || unix_now() - row.made_at >= kTrusted)) {
    reason = *touched ? "its files were changed and are damaged" : "a streamer finds it damaged";
  } else if (accused) {
    on_error_(make_error(ErrorKind::conflict, "a streamer calls the variant " + row.name + " of the film " +
                                                  row.video +
                                                  " damaged, but its files are as they were made "
                                                  "not long ago; it stays"));
    co_return;
  }
  // Another look may have removed it, and a new one may be there.
  const auto still = variants_.find(name);
  if (reason.empty() || still == variants_.end() || still->second.made_at != row.made_at) co_return;
  co_await remove(row.video, row.name);
  if (on_damaged_) on_damaged_({row.video, row.name, std::move(reason)});
}

asio::awaitable<void> Variants::remove_film(std::string video) {
  std::vector<Name> names;
  for (auto found = variants_.lower_bound(Name(video, "")); found != variants_.end(); ++found) {
    if (found->first.first != video) break;
    names.push_back(found->first);
  }
  for (const Name& name : names) co_await remove(name.first, name.second);
}

void Variants::touch(store::VariantRow& variant) {
  const auto now = unix_now();
  const bool noted = variant.last_used_at <= now && now - variant.last_used_at < kTouchEvery;
  if (noted) return;
  variant.last_used_at = now;
  spawn(executor_, save(variant), "noting the use of a variant");
}

asio::awaitable<void> Variants::save(store::VariantRow variant) {
  auto work = [variant = std::move(variant)](sqlite::Connection& db) {
    return store::save_variant(db, variant);
  };
  const Result<void> saved = co_await store_.write(std::move(work));
  if (saved.has_error()) on_error_(saved.error());
}

asio::awaitable<Result<BegunVariant>> Variants::open_begun(std::string video, std::string name) {
  auto work = [folder = folder_, paths = VariantPaths(video, name)]() {
    return open_begun_files(folder, paths);
  };
  Result<BegunVariant> opened = co_await offload(files_, std::move(work));
  co_return opened;
}

asio::awaitable<Result<void>> Variants::accept(store::VariantRow variant, store::JobRow done) {
  const VariantPaths paths(variant.video, variant.name);
  auto place = [folder = folder_, paths]() { return put_in_place(folder, paths); };
  const Result<std::uint64_t> bytes = co_await offload(files_, std::move(place));
  if (bytes.has_error()) co_return bytes.error();
  variant.bytes = static_cast<std::int64_t>(*bytes);
  variant.made_at = unix_now();  // of the files in place: a later change is somebody else's
  variant.last_used_at = variant.made_at;
  auto work = [variant, done = std::move(done)](sqlite::Connection& db) -> Result<void> {
    const auto saved = store::save_variant(db, variant);
    if (saved.has_error()) return saved;
    return store::save_job(db, done);
  };
  const Result<void> saved = co_await store_.write(std::move(work));
  if (saved.has_error()) {
    auto undo = [folder = folder_, paths]() { return take_back(folder, paths); };
    const Result<void> undone = co_await offload(files_, std::move(undo));
    if (undone.has_error()) on_error_(undone.error());
    co_return saved;
  }
  const Name name(variant.video, variant.name);
  variants_.insert_or_assign(name, std::move(variant));
  co_await discard_begun(name.first, name.second);
  on_change_();
  co_return Result<void>();
}

asio::awaitable<void> Variants::measure_begun(std::string video, std::string name) {
  auto work = [folder = folder_, paths = VariantPaths(video, name)]() -> Result<std::uint64_t> {
    return bytes_begun(folder, paths);
  };
  const Result<std::uint64_t> bytes = co_await offload(files_, std::move(work));
  if (bytes.has_error()) co_return;
  const Name key(video, name);
  if (*bytes == 0) {
    begun_.erase(key);
  } else {
    begun_[key] = *bytes;
  }
}

asio::awaitable<void> Variants::discard_begun(std::string video, std::string name) {
  begun_.erase(Name(video, name));
  const VariantPaths paths(video, name);
  auto work = [folder = folder_, paths]() {
    return remove_all(folder, {paths.checkpoint, paths.begun_index, paths.begun_media});
  };
  const Result<void> removed = co_await offload(files_, std::move(work));
  // They may have been measured while they still were there.
  begun_.erase(Name(video, name));
  if (removed.has_error()) on_error_(removed.error());
}

asio::awaitable<void> Variants::remove(std::string video, std::string name) {
  const Name key(video, name);
  if (variants_.erase(key) == 0) co_return;
  co_await forget(key);
  on_change_();
}

asio::awaitable<void> Variants::forget(Name name) {
  // The row first: files that nobody knows are removed at the next start.
  auto work = [name](sqlite::Connection& db) { return store::delete_variant(db, name.first, name.second); };
  const Result<void> forgotten = co_await store_.write(std::move(work));
  if (forgotten.has_error()) on_error_(forgotten.error());
  const VariantPaths paths(name.first, name.second);
  // Who reads it has it open, and reads on.
  auto unlink = [folder = folder_, paths]() { return remove_all(folder, {paths.media, paths.index}); };
  const Result<void> removed = co_await offload(files_, std::move(unlink));
  if (removed.has_error()) on_error_(removed.error());
}

std::uint64_t Variants::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, row] : variants_) sum += static_cast<std::uint64_t>(row.bytes);
  return sum;
}

std::uint64_t Variants::begun_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, bytes] : begun_) sum += bytes;
  return sum;
}

std::uint64_t Variants::begun_bytes(const std::string& video, const std::string& name) const {
  const auto found = begun_.find(Name(video, name));
  return found == begun_.end() ? 0 : found->second;
}

asio::awaitable<Result<std::uint64_t>> Variants::free_bytes() {
  auto work = [folder = folder_]() { return folder.free_bytes(); };
  Result<std::uint64_t> bytes = co_await offload(files_, std::move(work));
  co_return bytes;
}

}  // namespace carrel::jobs
