#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/jobs/decide.hpp"
#include "orchestrator/jobs/variants.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/store/jobs.hpp"
#include "orchestrator/store/store.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::jobs {

/// Ends a conversion before it is done.
class StopSwitch {
 public:
  void ask() {
    asked_ = true;
    if (on_ask) on_ask();
  }
  [[nodiscard]] bool asked() const noexcept { return asked_; }
  std::function<void()> on_ask;  ///< set by who converts

 private:
  bool asked_ = false;
};

/// One film's picture to be made anew; the files as protocol::Convert has them.
struct ConvertOrder {
  UniqueFd film, index, media, variant_index, checkpoint;
  protocol::Convert request;
  std::chrono::microseconds duration{0};
  std::function<void(std::uint64_t done_us)> on_progress;
  std::shared_ptr<StopSwitch> stop;
};

/// Converts in a sandbox, which is gone when this ends. ErrorKind::busy: it could not be tried.
using Convert = std::function<boost::asio::awaitable<Result<protocol::Converted>>(ConvertOrder order)>;

struct JobsOptions {
  Policy policy;
  std::int64_t tries = 3;
  std::chrono::seconds look{30};           ///< at the latest, what is to be done is decided anew
  std::chrono::seconds save_progress{30};  ///< to the database
};

/// Called on the I/O thread; must not block.
struct JobsObserver {
  std::function<void(const store::JobRow&)> on_state;
  std::function<void(const store::JobRow&)> on_progress;  ///< at most once a second for each job
  /// Ended, with the seconds since it was started last.
  std::function<void(const store::JobRow&, double seconds)> on_ended;
  std::function<void(const Removal&)> on_removed;
  std::function<void(const Error&)> on_error;  ///< what no caller waits for
};

inline constexpr std::chrono::seconds kNoRest{0};

struct AskedJob {
  store::JobRow job;
  bool changed = false;  ///< by the asking
};

/// What is made of films in the background: kept in the database, started when there is room for it, gone on
/// with after a crash of the converter or of the daemon. I/O thread only.
class Jobs {
 public:
  Jobs(boost::asio::any_io_executor executor, store::Store& store, library::Library& library,
       Variants& variants, JobsOptions options, Convert convert, JobsObserver observer);

  /// What is known, the variants too; those that an earlier daemon left running wait again.
  boost::asio::awaitable<Result<void>> load();
  /// Once sandboxes of an earlier daemon are gone: its converters may still write.
  void start();
  void stop();
  /// Something has changed that may be reason to do something.
  void wake();
  /// At most so many at once from now on, fewer than the policy has or not; running ones beyond are paused
  /// and go on later from where they are. None: as the policy has it.
  void hold(std::optional<std::size_t> workers, std::string why);

  [[nodiscard]] std::vector<store::JobRow> list()
      const;  ///< running ones first, then as they will be started
  [[nodiscard]] std::optional<store::JobRow> find(std::string_view id) const;
  [[nodiscard]] std::optional<store::JobRow> of(std::string_view video, std::string_view quality) const;
  [[nodiscard]] std::map<store::JobState, std::size_t> count_by_state() const;

  /// Makes a job, or sets back one that ended; of one that waits or runs the higher priority holds. Who asks
  /// is named in `asked_by`. ErrorKind::invalid: this cannot be made of the film. ErrorKind::conflict: it is
  /// there already, the film is still being looked at, or the job failed less than `rest` ago.
  boost::asio::awaitable<Result<AskedJob>> ask(std::shared_ptr<const library::Video> video,
                                               std::string quality, std::int64_t priority,
                                               std::string asked_by, std::chrono::seconds rest = kNoRest);
  /// ErrorKind::not_found, or conflict: it has ended.
  boost::asio::awaitable<Result<store::JobRow>> cancel(std::string id, std::string by);
  /// ErrorKind::not_found, or conflict: it has not failed and was not cancelled.
  boost::asio::awaitable<Result<store::JobRow>> retry(std::string id, std::string by);
  boost::asio::awaitable<Result<store::JobRow>> set_priority(std::string id, std::int64_t priority);

  /// The jobs of a film that is gone for good, what they began and what they made.
  boost::asio::awaitable<void> remove_film(std::string video);

 private:
  struct Running {
    std::shared_ptr<StopSwitch> stop;
    std::string why;         ///< it was stopped; empty: it was not
    bool cancelled = false;  ///< by somebody
    bool paused = false;     ///< it waits again, with what it made
    std::chrono::steady_clock::time_point began;
    std::chrono::steady_clock::time_point told{};
    std::chrono::steady_clock::time_point saved;
  };

  boost::asio::awaitable<void> look_loop();
  boost::asio::awaitable<void> look();
  [[nodiscard]] World world(std::uint64_t free_bytes) const;
  void put(store::JobRow job);
  void forget(const std::string& id);
  void begin(const std::string& id);
  boost::asio::awaitable<void> run(std::string id);
  boost::asio::awaitable<Result<protocol::Converted>> convert_film(store::JobRow job);
  boost::asio::awaitable<void> finish(std::string id, Result<protocol::Converted> result);
  boost::asio::awaitable<void> finish_failed(std::string id, Error error);
  boost::asio::awaitable<void> wait_again(std::string id, std::string why);
  boost::asio::awaitable<Result<void>> finish_made(std::string id, protocol::Converted made);
  boost::asio::awaitable<void> drop(std::string id);
  boost::asio::awaitable<void> renew(std::string id);
  boost::asio::awaitable<void> make_again(Removal removal);
  /// It waits, with nothing of it begun, unless it is in another state than `from` by then.
  boost::asio::awaitable<void> put_back(std::string id, store::JobState from, std::string reason);
  void note_progress(const std::string& id, std::uint64_t done_us, std::uint64_t duration_us);
  boost::asio::awaitable<Result<void>> save(store::JobRow job);
  boost::asio::awaitable<void> save_or_tell(store::JobRow job);
  [[nodiscard]] Result<store::JobRow*> known(const std::string& id);
  void tell(const store::JobRow& job);

  boost::asio::any_io_executor executor_;
  store::Store& store_;
  library::Library& library_;
  Variants& variants_;
  JobsOptions options_;
  Convert convert_;
  JobsObserver observer_;
  std::map<std::string, store::JobRow, std::less<>> jobs_;  ///< by id
  /// The same jobs, those that convert: film, quality, id. None of these changes while a job is there; put()
  /// and forget() alone change which are.
  std::set<std::tuple<std::string, std::string, std::string>, std::less<>> by_film_;
  std::map<std::string, Running, std::less<>> running_;
  boost::asio::steady_timer timer_;
  std::optional<std::size_t> most_workers_;
  std::string held_because_;
  std::optional<std::int64_t> look_at_;  ///< when the last decision wants another
  bool woken_ = false;
  bool stopped_ = false;
};

}  // namespace carrel::jobs
