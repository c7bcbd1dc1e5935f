#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/jobs/failures.hpp"
#include "orchestrator/jobs/folder.hpp"
#include "orchestrator/jobs/picture_plan.hpp"
#include "orchestrator/lib/asio/gate.hpp"
#include "orchestrator/lib/asio/one_shot.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/library/library.hpp"

namespace carrel::jobs {

/// Makes one JPEG in a sandbox, which is gone when this ends. ErrorKind::busy: it could not be tried.
using MakePictures = std::function<boost::asio::awaitable<Result<protocol::PicturesMade>>(
    UniqueFd film, UniqueFd index, UniqueFd out, protocol::Pictures request)>;

/// Of whatever sizes: each takes memory, and time where some are to go.
inline constexpr std::size_t kMostPictures = 100'000;

struct PicturesOptions {
  std::uint64_t max_bytes = 0;
  std::size_t max_count = kMostPictures;
  std::uint64_t leave_free = 1ULL << 30;  ///< none is made while less of the disk is
  std::size_t at_once = 2;
  bool ahead = true;  ///< posters are made before anybody asks
  std::chrono::milliseconds wait{8000};
  std::chrono::seconds look{60};  ///< for films without a poster
  FailurePauses pauses{};
};

/// Called on the I/O thread; must not block.
struct PicturesObserver {
  std::function<void(std::string_view result, double seconds)> on_made;  ///< "made", "failed" or "busy"
  std::function<void(const std::string& video, const std::string& name, const std::string& reason)> on_failed;
  std::function<void(const Error&)> on_error;  ///< what no caller waits for
};

/// Who waits for a picture.
struct Asker {
  std::string session;
  std::function<bool()> gone;  ///< has hung up; empty: never does
};

/// As it is on the disk.
struct Picture {
  std::shared_ptr<const std::string> jpeg;
  std::string tag;                      ///< other bytes, other tag
  std::int64_t made_at = 0;             ///< seconds since 1970
  std::uint32_t width = 0, height = 0;  ///< of each of those in it
};

/// Posters, thumbnails and sprites of films: made when they are asked for, kept below one folder within
/// bounds; beyond one, those used longest ago go until nine tenths of it are left. I/O thread only; what
/// blocks runs on a pool of its own.
class Pictures {
 public:
  Pictures(boost::asio::any_io_executor executor, library::Library& library, Folder folder,
           PicturesOptions options, MakePictures make, PicturesObserver observer);

  boost::asio::awaitable<Result<void>> load();
  void start();
  void stop();
  /// There may be films without a poster.
  void wake();

  /// ErrorKind::busy: it is being made, or may be another time; ask again. ErrorKind::not_found: there can be
  /// no such picture, with the reason. The same picture asked for twice at once is made once. What waits for
  /// its turn is not made once all who asked have hung up, and no session can take all places.
  boost::asio::awaitable<Result<Picture>> get(std::shared_ptr<const library::Video> video, PicturePlan plan,
                                              Asker asker);

  /// All of a film that is gone for good.
  boost::asio::awaitable<void> remove_film(std::string video);

  /// It need not be made any more.
  [[nodiscard]] bool has(const store::VideoRow& video, const std::string& name) const;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t count() const noexcept { return entries_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::string path;
    std::uint64_t bytes = 0;
    std::int64_t made_at = 0;
    std::int64_t used_at = 0;
    std::uint32_t width = 0, height = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  struct Pending {
    explicit Pending(const boost::asio::any_io_executor& executor) : end(executor) {}
    OneShot<Result<void>> end;
    std::vector<Asker> askers;  ///< none: it is made ahead
    bool begun = false;
  };

  boost::asio::awaitable<void> ahead_loop();
  boost::asio::awaitable<bool> make_one_ahead();
  [[nodiscard]] static bool deserted(const Pending& pending);
  void drop_deserted();
  [[nodiscard]] bool has_place(const std::string& session) const;
  [[nodiscard]] std::shared_ptr<Pending> begin(const std::shared_ptr<const library::Video>& video,
                                               const std::string& key, const PicturePlan& plan);
  boost::asio::awaitable<void> make(std::shared_ptr<const library::Video> video, std::string key,
                                    PicturePlan plan, std::shared_ptr<Pending> pending);
  boost::asio::awaitable<Result<void>> make_file(std::shared_ptr<const library::Video> video, std::string key,
                                                 PicturePlan plan);
  boost::asio::awaitable<void> drop(std::string begun);
  boost::asio::awaitable<Result<Picture>> read(std::string key);
  [[nodiscard]] bool is_within(unsigned tenths) const;  ///< of what there may be
  [[nodiscard]] std::vector<std::string> in_order_of_going() const;
  boost::asio::awaitable<void> keep_bound();
  boost::asio::awaitable<bool> remove_files(Entries forgotten);
  [[nodiscard]] bool may_try(const std::string& key) const { return !failures_.standing(key, Clock::now()); }
  void forget(const std::string& key);
  Entries::iterator forget(Entries::iterator one);  ///< → the next one

  boost::asio::any_io_executor executor_;
  library::Library& library_;
  Folder folder_;
  PicturesOptions options_;
  MakePictures make_;
  PicturesObserver observer_;
  Entries entries_;  ///< by path without size and extension
  Failures failures_;
  std::map<std::string, std::shared_ptr<Pending>, std::less<>> pending_;
  std::uint64_t bytes_ = 0;
  Gate makers_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
  WorkPool files_{2, 256};
};

}  // namespace carrel::jobs
