#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/jobs/decide.hpp"
#include "orchestrator/jobs/folder.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/store/jobs.hpp"
#include "orchestrator/store/store.hpp"
#include "orchestrator/store/variants.hpp"
#include "orchestrator/store/videos.hpp"

namespace carrel::jobs {

/// A variant to answer from, in the place of the film and its index.
struct OpenVariant {
  UniqueFd media;
  UniqueFd index;
};

/// For playlists of a whole film.
struct VariantIndex {
  std::string name;
  UniqueFd index;
};

/// What a converter writes to; `media` and `checkpoint` may hold what an earlier one left.
struct BegunVariant {
  UniqueFd media;
  UniqueFd index;
  UniqueFd checkpoint;
};

/// Films' pictures that were made anew: a media file and an index each below one folder, and a row each in
/// the database. I/O thread only; what blocks runs on a pool of its own.
class Variants {
 public:
  /// `on_change` is called when one is there or gone; `on_error` with what no caller waits for.
  Variants(boost::asio::any_io_executor executor, store::Store& store, Folder folder,
           std::function<void()> on_change, std::function<void(const Error&)> on_error);

  /// Takes what the database and the folder agree on; removes files that nobody knows. What `unfinished`
  /// jobs have begun stays.
  boost::asio::awaitable<Result<void>> load(std::vector<store::JobRow> unfinished);

  /// Those of this state of the film, the one with most lines first.
  [[nodiscard]] std::vector<store::VariantRow> of(const store::VideoRow& video) const;
  /// Null: there is none.
  [[nodiscard]] const store::VariantRow* find(const store::VideoRow& video, std::string_view name) const;
  [[nodiscard]] std::vector<store::VariantRow> all() const;

  /// Called with each that was removed because it was damaged or lost, load() included.
  void when_damaged(std::function<void(const Removal&)> damaged) { on_damaged_ = std::move(damaged); }

  /// ErrorKind::not_found: there is none (any more). ErrorKind::busy: not now. Counts as use.
  boost::asio::awaitable<Result<OpenVariant>> open(store::VideoRow video, std::string name);
  /// Of those that of() tells, in that order. One that cannot be used is left out. ErrorKind::busy: not now.
  boost::asio::awaitable<Result<std::vector<VariantIndex>>> open_indexes(store::VideoRow video);
  /// A streamer says that one is damaged. Where its files are as they were made, a sandbox's word counts only
  /// once they are old: hours of work could be undone as often as somebody likes.
  void report_damaged(const std::string& video, const std::string& name);

  boost::asio::awaitable<Result<BegunVariant>> open_begun(std::string video, std::string name);
  /// Puts what was begun in place, made now. The job's row is written in the same transaction; on an error
  /// all is as it was begun.
  boost::asio::awaitable<Result<void>> accept(store::VariantRow variant, store::JobRow done);
  /// So much has been written; empty once it has come to its end.
  boost::asio::awaitable<void> measure_begun(std::string video, std::string name);
  /// All that there is of a film, whatever state of it.
  boost::asio::awaitable<void> remove_film(std::string video);
  boost::asio::awaitable<void> discard_begun(std::string video, std::string name);
  boost::asio::awaitable<void> remove(std::string video, std::string name);

  [[nodiscard]] std::uint64_t bytes() const;        ///< of those that are made
  [[nodiscard]] std::uint64_t begun_bytes() const;  ///< of those that are not
  [[nodiscard]] std::uint64_t begun_bytes(const std::string& video, const std::string& name) const;
  boost::asio::awaitable<Result<std::uint64_t>> free_bytes();

 private:
  using Name = std::pair<std::string, std::string>;  ///< of the film and the variant

  boost::asio::awaitable<void> look_at_damaged(Name name, bool accused);
  void touch(store::VariantRow& variant);
  boost::asio::awaitable<void> save(store::VariantRow variant);
  boost::asio::awaitable<void> forget(Name name);

  boost::asio::any_io_executor executor_;
  store::Store& store_;
  Folder folder_;
  std::function<void()> on_change_;
  std::function<void(const Error&)> on_error_;
  std::function<void(const Removal&)> on_damaged_;
  std::map<Name, store::VariantRow> variants_;
  std::map<Name, std::uint64_t> begun_;
  WorkPool files_{2, 256};
};

}  // namespace carrel::jobs
