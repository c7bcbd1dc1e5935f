#pragma once

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

namespace carrel::sqlite {

/// All or nothing: rolled back when destroyed without a successful commit(). The connection must outlive it.
class Transaction {
 public:
  /// Takes the write lock at once, so that no later statement can fail for want of it.
  [[nodiscard]] static Result<Transaction> begin(Connection& connection);

  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  [[nodiscard]] Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}

  Connection* connection_;
};

}  // namespace carrel::sqlite
