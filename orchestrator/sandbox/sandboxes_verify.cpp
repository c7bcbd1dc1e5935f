// Proves on this very host that a sandbox holds: one is made as for a viewer, and tries to get out.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kForAllAttempts{20};
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

struct Connected {
  tcp::socket ours;
  tcp::socket theirs;
};

/// A connection like a client's, to ourselves.
asio::awaitable<Result<Connected>> connect_to_self(asio::any_io_executor executor) {
  boost::system::error_code error;
  tcp::acceptor acceptor(executor);
  const tcp::endpoint loopback(asio::ip::address_v4::loopback(), 0);
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind(loopback, error);
  if (!error) acceptor.listen(1, error);
  const tcp::endpoint here = error ? loopback : acceptor.local_endpoint(error);
  if (error) co_return make_error(ErrorKind::internal, "listen on the loopback: " + error.message());
  Connected connection{tcp::socket(executor), tcp::socket(executor)};
  const auto [refused] = co_await connection.ours.async_connect(here, kToken);
  if (refused) {
    co_return make_error(ErrorKind::internal, "connect over the loopback: " + refused.message());
  }
  acceptor.accept(connection.theirs, error);
  if (error) co_return make_error(ErrorKind::internal, "accept on the loopback: " + error.message());
  connection.theirs.native_non_blocking(true, error);
  co_return connection;
}

std::vector<VerifyLine> lines_of(const std::vector<protocol::Attempt>& attempts) {
  std::vector<VerifyLine> lines;
  for (const protocol::Attempt& attempt : attempts) {
    lines.push_back(VerifyLine{attempt.name, attempt.expected, attempt.outcome, attempt.refused});
  }
  // Announced, and never heard of again: it was killed, as it should be.
  if (!attempts.empty() && attempts.back().final) {
    lines.back().outcome = attempts.back().expected;
    lines.back().ok = true;
  }
  return lines;
}

}  // namespace

asio::awaitable<Result<std::vector<VerifyLine>>> Sandboxes::verify() {
  const SessionLimits limits = limits_of({});
  const Result<void> free = room(limits);
  if (free.has_error()) co_return free.error();
  const auto verifier = launch(new_identity(Role::verifier, {}, {}), {}, limits);
  Result<std::vector<VerifyLine>> result = co_await verify_in(verifier);
  verifier->end(Ending{result.has_error() ? Reason::unresponsive : Reason::done, {}});
  co_return result;
}

asio::awaitable<Result<std::vector<VerifyLine>>> Sandboxes::verify_in(Living verifier) {
  const auto start_deadline = Clock::now() + options_.ready_timeout;
  const bool settled = co_await verifier->settled().wait_until(start_deadline);
  if (!settled) co_return make_error(ErrorKind::timeout, "no sandbox could be started in time to verify it");
  const auto& up = *verifier->settled().value();
  if (up.has_error()) co_return up.error();

  Result<Connected> connection = co_await connect_to_self(executor_);
  if (connection.has_error()) co_return connection.error();
  // Any file of the host will do; this one is certainly there and is no secret.
  const UniqueFd film(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!film) co_return errno_error("open the daemon's own program", errno);
  const int descriptors[] = {connection->theirs.native_handle(), film.get()};
  const Result<void> asked = verifier->verify(descriptors);
  if (asked.has_error()) co_return asked.error();

  const auto deadline = Clock::now() + kForAllAttempts;
  const bool ended = co_await verifier->ending().wait_until(deadline);
  if (!ended) co_return make_error(ErrorKind::timeout, "the verifying sandbox did not end in time");
  const auto& attempts = verifier->attempts();
  if (attempts.empty() || attempts.back().name.empty()) {
    co_return make_error(ErrorKind::unavailable, "the verifying sandbox ended without a word");
  }
  const bool whole = attempts.back().final || (attempts.size() > 1 && attempts[attempts.size() - 2].final);
  if (!whole) {
    co_return make_error(ErrorKind::unavailable,
                         "the verifying sandbox broke off after '" + attempts.back().name + "'");
  }
  co_return lines_of(attempts);
}

}  // namespace carrel::sandbox
