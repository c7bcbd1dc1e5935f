#include "orchestrator/lib/sqlite/transaction.hpp"

namespace carrel::sqlite {

Result<Transaction> Transaction::begin(Connection& connection) {
  auto begun = connection.execute("BEGIN IMMEDIATE");
  if (!begun) return begun.error();
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ == nullptr) return;
  // Some failures make SQLite roll back by itself; then there is nothing left to undo, and the error says so.
  (void)connection_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  auto committed = connection_->execute("COMMIT");
  if (!committed) return committed.error();
  connection_ = nullptr;
  return {};
}

}  // namespace carrel::sqlite
