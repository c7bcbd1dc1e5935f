// Workers: one film, one sandbox. A film that takes its worker over can spoil nothing but its own index.
#include <sys/stat.h>

#include <utility>

#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

// A worker that claims progress for ever is ended all the same: no disk worth the name is slower.
constexpr std::chrono::minutes kShortestLimit{10};
constexpr std::uint64_t kSlowestBytesPerSecond = 1 << 20;

}  // namespace

asio::awaitable<Result<protocol::Indexed>> Sandboxes::index(std::vector<UniqueFd> files,
                                                            protocol::Index request) {
  const SessionLimits limits = limits_of({});
  if (room(limits).has_error())
    co_return make_error(ErrorKind::busy, "no sandbox is free to index a film in");
  const auto worker = launch(new_identity(Role::worker, {}, {}), {}, limits);
  Result<protocol::Indexed> result = co_await index_in(worker, std::move(files), std::move(request));
  worker->end(Ending{result.has_error() ? Reason::unresponsive : Reason::done, {}});
  // Until its process is gone it could still change the index that it has open.
  const auto gone_deadline = Clock::now() + options_.ready_timeout;
  const bool gone = co_await worker->gone().wait_until(gone_deadline);
  if (!gone) co_return make_error(ErrorKind::busy, "a worker sandbox could not be removed");
  co_return result;
}

asio::awaitable<Result<protocol::Indexed>> Sandboxes::index_in(Living worker, std::vector<UniqueFd> files,
                                                               protocol::Index request) {
  const auto start_deadline = Clock::now() + options_.ready_timeout;
  const bool settled = co_await worker->settled().wait_until(start_deadline);
  // Not the film's fault: it is tried again when the engine is better.
  if (!settled) co_return make_error(ErrorKind::busy, "no worker sandbox could be started in time");
  const auto& up = *worker->settled().value();
  if (up.has_error()) co_return make_error(ErrorKind::busy, up.error().message);

  struct stat facts {};
  const auto film_bytes =
      ::fstat(files.front().get(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
  std::vector<int> descriptors;
  for (const UniqueFd& file : files) descriptors.push_back(file.get());
  const auto pending = worker->index(request, descriptors);
  if (pending.has_error()) co_return pending.error();

  const auto overall_deadline =
      Clock::now() + kShortestLimit + std::chrono::seconds(film_bytes / kSlowestBytesPerSecond);
  auto progress = worker->index_progress();
  for (;;) {
    const auto deadline = Clock::now() + options_.index_stall;
    const bool finished = co_await (*pending)->wait_until(deadline);
    if (finished) break;
    if (worker->index_progress() <= progress || Clock::now() > overall_deadline) {
      co_return make_error(ErrorKind::timeout, "Indexing made no progress for " +
                                                   std::to_string(options_.index_stall.count()) +
                                                   " s and was ended.");
    }
    progress = worker->index_progress();
  }
  const auto& indexed = *(*pending)->value();
  if (!indexed) {
    co_return make_error(ErrorKind::unavailable, "The sandbox that read this film died of it.");
  }
  co_return *indexed;
}

}  // namespace carrel::sandbox
