#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/library/scan.hpp"
#include "orchestrator/library/video.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::library {

struct LibraryOptions {
  std::vector<std::filesystem::path> roots;
  std::filesystem::path index_directory;  ///< one index per film, named by the film's id
  std::chrono::seconds rescan{30};
  std::size_t index_workers = 1;
};

/// Descriptors for one answer. `index` is empty for a film that is sent as it is.
struct OpenFilm {
  UniqueFd film;
  UniqueFd index;
  bool foreign_index = false;     ///< of another version
  std::chrono::seconds again{0};  ///< from now, should the index be damaged: it is worth asking again then
};

struct LibraryObserver {
  std::function<void(const Video&, double seconds)> on_indexed;  ///< ready or failed
  std::function<void(const Scan&)> on_scan;
  std::function<void(const Error&)> on_error;  ///< what no caller waits for
};

/// How a film becomes an index: in a worker sandbox, given nothing but the descriptors: the film, its index
/// to be, and those of request.sidecars.
using IndexFilm = std::function<boost::asio::awaitable<Result<protocol::Indexed>>(std::vector<UniqueFd> files,
                                                                                  protocol::Index request)>;

/// Two films may be called the same.
struct ByTitle {
  bool operator()(const std::shared_ptr<const Video>& a, const std::shared_ptr<const Video>& b) const {
    return std::tie(a->row.title, a->row.id) < std::tie(b->row.title, b->row.id);
  }
};

/// The films of all library folders: found by scanning, kept in memory and in the database, indexed one after
/// the other. I/O thread only; what blocks runs on a pool of its own.
class Library {
 public:
  Library(boost::asio::any_io_executor executor, store::Store& store, LibraryOptions options,
          IndexFilm index_film, LibraryObserver observer);

  /// Loads what is known, then scans and indexes until stop().
  boost::asio::awaitable<Result<void>> load();
  void start();
  void stop();

  /// By title; `after` is the id of the last one seen, empty for the first page.
  [[nodiscard]] std::vector<std::shared_ptr<const Video>> page(std::string_view after,
                                                               std::size_t limit) const;
  /// To go through without waiting for anything on the way: it changes with the library.
  [[nodiscard]] const std::set<std::shared_ptr<const Video>, ByTitle>& all() const noexcept {
    return by_title_;
  }
  [[nodiscard]] std::shared_ptr<const Video> find(std::string_view id) const;
  [[nodiscard]] std::map<VideoState, std::size_t> count_by_state() const;

  /// ErrorKind::not_found: the file is gone. ErrorKind::conflict: it has changed since it was indexed (a scan
  /// follows).
  boost::asio::awaitable<Result<OpenFilm>> open(std::shared_ptr<const Video> video, bool with_index);

  /// A streamer found the film's index damaged: it is made again, while the film stays on offer. One
  /// sandbox's word is not worth more than one try in a while; that the file is gone, or is another than was
  /// put there, is.
  void remake_index(const std::string& id);

  /// Those whose file went before that time (seconds since 1970), and did not come back.
  boost::asio::awaitable<Result<std::vector<std::string>>> gone_before(std::int64_t time);
  /// What was made of one that is gone; it is made again should the film come back.
  boost::asio::awaitable<Result<void>> remove_index(std::string id);

  /// Scan now rather than at the next turn.
  void scan_soon();

 private:
  using Entry = std::shared_ptr<Video>;
  enum class Finish {
    told,  ///< the film's state says what became of it
    kept,  ///< nothing became of it: the index that stood before still serves
    wait   ///< the machine could not; again after a pause
  };

  boost::asio::awaitable<void> scan_loop();
  boost::asio::awaitable<Result<bool>> scan_once();  ///< → whether every file has settled
  boost::asio::awaitable<void> index_loop();
  boost::asio::awaitable<bool> index_one(
      Entry video);  ///< → false: wait before the next, the engine is not usable
  boost::asio::awaitable<void> look_at_index(std::string id);
  /// → whether it was not being made already.
  bool want_index(Video& video);
  boost::asio::awaitable<Finish> finish_index(Entry video, Result<protocol::Indexed> result,
                                              std::filesystem::path made, std::string sidecars);
  /// It could not be made anew: `again`, or not before the files beside the film change.
  static void keep_index(Video& video, bool again, std::string sidecars);
  boost::asio::awaitable<Result<void>> save_state(Entry video, VideoState state, std::string reason);
  void put(store::VideoRow row);
  void take_out(const std::string& id);
  /// What was found beside a film that is otherwise as it was.
  void take_sidecars(Video& video, std::string sidecars);
  [[nodiscard]] Entry next_waiting() const;
  [[nodiscard]] std::filesystem::path index_path(const std::string& id) const;

  boost::asio::any_io_executor executor_;
  store::Store& store_;
  LibraryOptions options_;
  IndexFilm index_film_;
  LibraryObserver observer_;
  WorkPool files_{2, 256};
  std::map<std::string, Entry, std::less<>> videos_;  ///< by id
  /// The same films: put() and take_out() alone change either, and nothing changes a film's title or id.
  std::set<std::shared_ptr<const Video>, ByTitle> by_title_;
  boost::asio::steady_timer scan_timer_;
  boost::asio::steady_timer index_timer_;
  bool stopped_ = false;
};

}  // namespace carrel::library
