#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fixture.hpp"

/// A daemon's sandboxes in a bad world: people, engine, journal, streamers and crashes as a seed has them.
namespace carrel::sandbox::fake {

/// What happens follows from the seed; in what order the kernel delivers it may differ. One at a time.
class Model {
 public:
  explicit Model(unsigned seed);
  ~Model();

  /// One thing happens; what must always hold is checked.
  void step();
  /// All faults end and everybody goes; what must be gone then is checked.
  void settle();

  [[nodiscard]] std::string told() const;  ///< the latest happenings, for a failure's message

 private:
  struct Asked {
    std::string session;
    std::optional<Ready> answer;
  };

  void note(std::string what);
  std::size_t up_to(std::size_t most);  ///< 0 … most - 1
  bool one_in(std::size_t times) { return up_to(times) == 0; }
  std::string any_session();
  std::string any_container();
  void begin_daemon();
  void end_daemon();
  void crash_daemon();
  void log_in();
  void play();
  void command();
  void hurt_a_streamer();
  void streamer_works();
  void adopt_if_due(bool now);
  void let_pass(std::chrono::milliseconds time);
  void tick();
  /// Lets up to five minutes pass.
  [[nodiscard]] bool comes_true(const std::function<bool()>& what);
  /// All faults end: the pool fills and everybody is served.
  void recover();
  Fault journal_fault();
  Fault fault_of(const std::string& call, const std::string& target);
  void check_call(const std::string& call, const std::string& target);
  void check_entry(const JournalEntry& entry, bool lost);
  void check_all();

  std::mt19937 random_;
  FakeEngine engine_;
  FakeJournal journal_;
  RunDirectory run_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<Sandboxes> sandboxes_;
  std::set<std::string> sessions_;  ///< logged in
  std::vector<std::unique_ptr<Asked>> asked_;
  std::vector<std::shared_ptr<PendingAnswer>> answers_;
  std::map<std::string, State> written_;        ///< by sandbox, the journal's last word
  std::map<std::string, State> tried_;          ///< by sandbox, what was last to be written
  std::set<std::string> proposed_;              ///< sessions, for ever
  std::set<std::string> inherited_;             ///< written by an earlier daemon
  std::map<std::string, std::string> user_of_;  ///< by sandbox, for ever
  std::vector<std::string> happened_;
  bool faults_ = true;
  bool adopted_ = false;
  bool asking_ = false;  ///< for served_
  std::optional<Ready> served_;
};

}  // namespace carrel::sandbox::fake
