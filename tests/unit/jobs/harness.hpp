#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/lib/asio/one_shot.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::jobs::test {

/// A conversion that the fake converter was asked for; the test ends it.
struct Conversion {
  ConvertOrder order;
  std::shared_ptr<OneShot<Result<protocol::Converted>>> end;

  void write(const std::string& media, const std::string& index) const;
  void succeed() const;
  void fail(ErrorKind kind, std::string message) const { end->set(make_error(kind, std::move(message))); }
};

struct PictureOrder {
  UniqueFd out;
  protocol::Pictures request;
  std::shared_ptr<OneShot<Result<protocol::PicturesMade>>> end;

  void succeed(const std::string& bytes) const;
  void fail(std::string reason, bool may_work_later = false) const;
};

struct HarnessOptions {
  Policy policy{.automatic = true, .rungs = {}, .workers = 1, .max_bytes = 100ULL << 30, .leave_free = 0};
  std::int64_t tries = 3;
  PicturesOptions pictures{.max_bytes = 1 << 20, .leave_free = 0, .ahead = false};
};

/// The real jobs, variants, pictures, library and database on a folder of their own; only what runs in
/// sandboxes is the test's. restart() is what a crash of the daemon is to them.
class Harness {
 public:
  explicit Harness(HarnessOptions options = {});
  ~Harness();

  /// A file in the library, which will be indexed as `facts`.
  void add_film(const std::string& name, const protocol::Indexed& facts);
  /// Other bytes under the same name.
  void change_film(const std::string& name);
  void change_film(const std::string& name, const protocol::Indexed& facts);
  void remove_film(const std::string& name);
  [[nodiscard]] bool gone(const std::string& name) const;  ///< the library knows
  [[nodiscard]] std::shared_ptr<const library::Video> video_in(library::VideoState state,
                                                               const std::string& name);
  [[nodiscard]] std::shared_ptr<const library::Video> video(const std::string& name);
  [[nodiscard]] store::JobRow job(const std::string& name, const std::string& quality);

  /// Runs the loop until it holds; throws after ten seconds.
  void until(const std::function<bool()>& holds);
  template <class T>
  Result<T> wait(boost::asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> result;
    boost::asio::co_spawn(*loop_, keep(std::move(work), &result), boost::asio::detached);
    until([&] { return result.has_value(); });
    return std::move(*result);
  }

  void start();  ///< what it finds in the folder
  void restart();
  /// As if the time before the job's next try were over. Restarts.
  void end_pause(store::JobRow job);
  /// Pictures leave so much of the disk from now on. Restarts.
  void leave_free(std::uint64_t bytes);
  /// As if nobody had used any variant since. Restarts.
  void age_variants(std::int64_t last_used_at = 0);
  /// As if they had been made so long ago. Restarts.
  void make_variants_old(std::chrono::seconds age);
  [[nodiscard]] library::Library& library() { return *library_; }

  [[nodiscard]] std::vector<std::string> made_files() const;  ///< of variants
  [[nodiscard]] std::size_t indexes() const;                  ///< of films
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }

  std::list<Conversion> conversions;
  std::list<PictureOrder> picture_orders;
  std::vector<std::string> states;  ///< of jobs, as they were told
  std::vector<Removal> removed;     ///< variants, as it was told
  std::vector<std::string> errors;  ///< that variants told of; a test that waits for something ends with one
  bool errors_expected = false;
  int progress_told = 0;

  [[nodiscard]] Jobs& jobs() { return *jobs_; }
  [[nodiscard]] Variants& variants() { return *variants_; }
  [[nodiscard]] Pictures& pictures() { return *pictures_; }
  [[nodiscard]] boost::asio::io_context& loop() { return *loop_; }

 private:
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> work,
                                           std::optional<Result<T>>* result) {
    Result<T> value = co_await std::move(work);
    result->emplace(std::move(value));
  }
  void end();

  HarnessOptions options_;
  support::TemporaryDirectory directory_;
  std::map<std::string, protocol::Indexed> facts_;  ///< by the film's content
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<library::Library> library_;
  std::unique_ptr<Variants> variants_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<Pictures> pictures_;
};

}  // namespace carrel::jobs::test
