#pragma once

#include "orchestrator/sandbox/journal.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::sandbox {

/// The journal as a table of the daemon's database.
class StoreJournal final : public Journal {
 public:
  explicit StoreJournal(store::Store& store) : store_(store) {}

  boost::asio::awaitable<Result<void>> record(JournalEntry entry) override;
  boost::asio::awaitable<Result<std::vector<JournalEntry>>> unfinished() override;

 private:
  store::Store& store_;
};

}  // namespace carrel::sandbox
