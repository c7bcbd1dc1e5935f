#include "orchestrator/sandbox/holder.hpp"

#include <utility>

#include "orchestrator/lib/sodium/uuid.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

void Holder::adopt(std::string container, std::string name) {
  container_ = std::move(container);
  name_ = std::move(name);
  lives_since_ = Backoff::Clock::now();
}

void Holder::lost() {
  if (!container_.empty()) tries_.outlived(lives_since_, Backoff::Clock::now());
  container_.clear();
  name_.clear();
}

asio::awaitable<Result<void>> Holder::make(std::string image) {
  const auto now = Backoff::Clock::now();
  if (making_ || !container_.empty() || !tries_.may_try(now)) co_return Result<void>();
  making_ = true;
  // One that dies as soon as it lives must not be made every second: it counts as failed until it has lived.
  tries_.failed(now);
  const Result<void> made = co_await start_one(std::move(image));
  making_ = false;
  co_return made;
}

asio::awaitable<Result<void>> Holder::start_one(std::string image) {
  const Identity identity{.instance = instance_,
                          .sandbox = sodium::make_uuid_v7(),
                          .session = {},
                          .user = {},
                          .generation = protocol::kVersion,
                          .role = Role::holder};
  JournalEntry entry{identity, State::creating, Reason::none, {}, {}};
  const Result<void> noted = co_await journal_.record(entry);
  if (noted.has_error()) co_return noted.error();
  ContainerSpec spec = plan_holder(identity, std::move(image));
  const std::string name = spec.name;
  Result<std::string> created = co_await engine_.create(std::move(spec));
  Result<void> started = created.has_error() ? Result<void>(created.error()) : Result<void>();
  if (created.has_value()) {
    Result<void> answer = co_await engine_.start(*created);
    started = std::move(answer);
  }
  if (started.has_error()) {
    const Result<void> removed = co_await engine_.remove(name);
    entry.state = removed.has_error() ? State::failed : State::removed;
    entry.reason = Reason::create_failed;
    entry.detail = started.error().message;
  } else {
    adopt(*created, name);
    entry.container_id = *created;
    entry.state = State::ready;
  }
  const Result<void> written = co_await journal_.record(std::move(entry));
  static_cast<void>(written);  // the label finds it, too
  co_return started;
}

}  // namespace carrel::sandbox
