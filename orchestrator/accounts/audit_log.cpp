#include "orchestrator/accounts/audit_log.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace carrel::accounts {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_text = 256;

std::string cut(std::string text) {
  text.resize(std::min(text.size(), max_text));
  return text;
}

// Free of AuditLog, which may be gone by then.
asio::awaitable<void> append(store::Store& store, store::Event event,
                             std::function<void(const Error&)> on_error) {
  auto work = [event = std::move(event)](sqlite::Connection& db) { return store::append_event(db, event); };
  auto written = co_await store.write(work);
  if (!written) on_error(written.error());
}

}  // namespace

AuditLog::AuditLog(store::Store& store, asio::any_io_executor executor,
                   std::function<void(const Error&)> on_error, std::function<std::int64_t()> now)
    : store_(store), executor_(std::move(executor)), on_error_(std::move(on_error)), now_(std::move(now)) {}

void AuditLog::record(std::string actor, std::string action, std::string object, std::string detail) {
  store::Event event{.at = now_(),
                     .actor = cut(std::move(actor)),
                     .action = cut(std::move(action)),
                     .object = cut(std::move(object)),
                     .detail = cut(std::move(detail))};
  asio::co_spawn(executor_, append(store_, std::move(event), on_error_), asio::detached);
}

asio::awaitable<Result<AuditLog::Page>> AuditLog::find(store::EventQuery query) {
  const auto wanted = static_cast<std::size_t>(query.limit);
  // One more than a page holds tells whether there is a next one.
  ++query.limit;
  auto look = [query](sqlite::Connection& db) { return store::find_events(db, query); };
  auto found = co_await store_.read(look);
  if (!found) co_return found.error();
  Page page{std::move(*found), false};
  page.more = page.events.size() > wanted;
  if (page.more) page.events.pop_back();
  co_return page;
}

asio::awaitable<Result<void>> AuditLog::trim(std::chrono::seconds keep) {
  const std::int64_t before = now_() - keep.count();
  auto work = [before](sqlite::Connection& db) { return store::trim_events(db, before); };
  auto trimmed = co_await store_.write(work);
  co_return trimmed;
}

}  // namespace carrel::accounts
