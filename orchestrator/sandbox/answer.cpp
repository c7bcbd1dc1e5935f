#include "orchestrator/sandbox/answer.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "orchestrator/sandbox/socket_progress.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

// A film that kills every sandbox must not do so for ever.
constexpr unsigned kMaxSandboxes = 4;
// The first successor comes at once, so that the viewer sees nothing; the later ones wait.
constexpr std::chrono::milliseconds kBackoff[] = {
    {}, {}, std::chrono::milliseconds(500), std::chrono::milliseconds(2000)};
constexpr std::chrono::seconds kStreamsRetry{2};
constexpr std::chrono::seconds kLook{1};
// A dead sandbox's container is removed before another one writes to the same socket: two writers would spoil
// it.
constexpr std::chrono::seconds kWaitForRemoval{30};

/// Decides, look by look, whether an answer moves; see AnswerOptions. Counts what the client acknowledges.
class Watch {
 public:
  Watch(const ClientLink& link, const AnswerOptions& options, Sandboxes& sandboxes, Sandbox& sandbox)
      : link_(link), options_(options), sandboxes_(sandboxes), sandbox_(sandbox), last_(link.progress()) {}

  enum class Verdict { moving, client_stalls, sandbox_hangs };

  Verdict look() {
    const auto now = Clock::now();
    const auto seen = link_.progress();
    if (!seen || !last_) return Verdict::moving;
    if (seen->acknowledged != last_->acknowledged) {
      last_acknowledged_ = now;
      sandboxes_.note_acknowledged(sandbox_, seen->acknowledged - last_->acknowledged);
      if (options_.on_progress) options_.on_progress();
    }
    if (seen->written != last_->written || seen->written != seen->acknowledged) last_busy_ = now;
    last_ = seen;
    if (now - last_acknowledged_ > options_.stall_timeout) return Verdict::client_stalls;
    if (now - last_busy_ > options_.hang_timeout) return Verdict::sandbox_hangs;
    return Verdict::moving;
  }

 private:
  const ClientLink& link_;
  const AnswerOptions& options_;
  Sandboxes& sandboxes_;
  Sandbox& sandbox_;
  std::optional<SocketProgress> last_;
  Clock::time_point last_acknowledged_ = Clock::now();
  Clock::time_point last_busy_ = Clock::now();
};

asio::awaitable<std::optional<protocol::Done>> watch_until_done(Sandboxes& sandboxes,
                                                                std::shared_ptr<Sandbox> sandbox,
                                                                std::shared_ptr<PendingAnswer> pending,
                                                                ClientLink& link,
                                                                const AnswerOptions& options) {
  Watch watch(link, options, sandboxes, *sandbox);
  for (;;) {
    const auto next_look = Clock::now() + kLook;
    const bool done = co_await pending->wait_until(next_look);
    if (done) {
      static_cast<void>(watch.look());
      co_return *pending->value();
    }
    switch (watch.look()) {
      case Watch::Verdict::moving: break;
      case Watch::Verdict::client_stalls: link.cut(); break;
      case Watch::Verdict::sandbox_hangs:
        sandbox->end(Ending{Reason::unresponsive, "it sent nothing to a client that waits"});
        break;
    }
  }
}

std::uint64_t written_since(const ClientLink& link, const std::optional<SocketProgress>& start) {
  const auto now = link.progress();
  // Less than before: a sandbox has freed the socket of its client.
  return now && start && now->written > start->written ? now->written - start->written : 0;
}

/// What the sandbox says of its answer, held against the kernel's count: bytes that it does not own up to
/// would be taken for the beginning of the next answer.
AnswerEnd checked(const protocol::Done& done, std::uint64_t skip, std::optional<std::uint64_t> written,
                  Sandbox& sandbox) {
  AnswerEnd end;
  end.outcome = done.outcome;
  end.status = done.status;
  end.bytes = written.value_or(0);
  end.detail = done.detail;
  end.bad_variants = done.bad_variants;
  end.sandbox = sandbox.weak_from_this();
  const bool whole =
      done.outcome == protocol::Outcome::complete || done.outcome == protocol::Outcome::bad_index;
  if (whole && written && *written != skip + done.bytes) {
    end.outcome = protocol::Outcome::internal;
    end.detail = "the sandbox says that the answer has " + std::to_string(skip + done.bytes) +
                 " bytes, the kernel has seen " + std::to_string(*written);
    if (!done.detail.empty()) end.detail += "; it says: " + done.detail;
    sandbox.end(Ending{Reason::unresponsive, end.detail});
  }
  return end;
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// The sandbox's word, which cannot be more than the whole answer took.
double first_byte_seconds(const protocol::Done& done, Clock::time_point asked,
                          Clock::time_point handed_over) {
  const double whole = seconds_between(handed_over, Clock::now());
  return seconds_between(asked, handed_over) + std::min(static_cast<double>(done.first_byte_us) / 1e6, whole);
}

Refusal refusal_of(const Breaker::Open& open) {
  return Refusal(make_error(ErrorKind::unavailable, "this film made several booths in a row break down (" +
                                                        open.why + "); it is tried again in " +
                                                        std::to_string(open.retry_after.count()) + " s"),
                 Refusal::Why::film_crashes, open.retry_after);
}

/// As protocol::Serve has them.
std::vector<int> descriptors_of(const AnswerRequest& request) {
  std::vector<int> descriptors{request.socket, request.film.get()};
  if (request.index) descriptors.push_back(request.index.get());
  for (const UniqueFd& variant : request.variants) descriptors.push_back(variant.get());
  return descriptors;
}

AnswerEnd client_left(unsigned sandboxes, std::uint64_t bytes) {
  AnswerEnd end;
  end.outcome = protocol::Outcome::client_gone;
  end.bytes = bytes;
  end.sandboxes = sandboxes;
  end.detail = "the client left while it waited for a booth";
  return end;
}

AnswerEnd lost(unsigned sandboxes, std::uint64_t bytes, std::string detail) {
  AnswerEnd end;
  end.outcome = protocol::Outcome::internal;
  end.bytes = bytes;
  end.sandboxes = sandboxes;
  end.detail = std::move(detail);
  return end;
}

}  // namespace

asio::awaitable<Granted<AnswerEnd>> give_answer(Sandboxes& sandboxes, AnswerRequest request,
                                                AnswerOptions options) {
  const auto asked = Clock::now();
  const std::shared_ptr<ClientLink> link = request.link;
  const auto start = link->progress();
  const Pacer::Lane lane = sandboxes.pacer().enter(link->tcp(), request.claim.session);
  std::optional<double> hand_over_seconds;
  std::string why = "no sandbox could be used";
  for (unsigned attempt = 1; attempt <= kMaxSandboxes; ++attempt) {
    const std::uint64_t written = written_since(*link, start);
    // Without the kernel's count an answer that began cannot be continued, only ended.
    if (attempt > 1 && !start) co_return lost(attempt - 1, written, why);
    if (const auto broken = sandboxes.film_broken(request.claim, request.film_name)) {
      if (written == 0) co_return refusal_of(*broken);
      co_return lost(attempt - 1, written, "the film makes booths break down");
    }
    if (kBackoff[attempt - 1].count() > 0) {
      asio::steady_timer pause(sandboxes.executor(), kBackoff[attempt - 1]);
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (options.wanted && !options.wanted()) co_return lost(attempt - 1, written, "the session ended");
    const Claim claim = request.claim;
    const Granted<std::shared_ptr<Sandbox>> found = co_await sandboxes.ready_for(claim);
    if (found.has_error()) {
      if (written == 0) co_return found.error();
      co_return lost(attempt - 1, written, found.error().message);
    }
    if (link->lost()) co_return client_left(attempt - 1, written);
    const std::shared_ptr<Sandbox> sandbox = *found;

    request.message.skip = written;
    const std::vector<int> descriptors = descriptors_of(request);
    const auto pending = sandbox->serve(request.message, request.film_name, descriptors);
    if (pending.has_error()) {
      if (pending.error().kind == ErrorKind::busy && written == 0) {
        co_return Refusal(pending.error(), Refusal::Why::too_many_streams, kStreamsRetry);
      }
      why = pending.error().message;
      continue;
    }
    const auto handed_over = Clock::now();
    if (!hand_over_seconds) hand_over_seconds = seconds_between(asked, handed_over);

    const std::optional<protocol::Done> done =
        co_await watch_until_done(sandboxes, sandbox, *pending, *link, options);
    if (done) {
      const auto now = start ? std::optional(written_since(*link, start)) : std::nullopt;
      if (now.value_or(0) == 0 && (done->status == 0 || now) &&
          done->outcome != protocol::Outcome::client_gone) {
        if (done->outcome != protocol::Outcome::internal) {
          sandbox->end(Ending{Reason::unresponsive, "it ended an answer that it did not give"});
        }
        co_return Refusal(make_error(ErrorKind::unavailable, "the booth could not answer: " + done->detail));
      }
      AnswerEnd end = checked(*done, request.message.skip, now, *sandbox);
      end.sandboxes = attempt;
      end.hand_over_seconds = hand_over_seconds;
      if (request.message.skip == 0 && end.bytes > 0)
        end.first_byte_seconds = first_byte_seconds(*done, asked, handed_over);
      if (now) end.socket_written = start->written + *now;
      co_return end;
    }
    why = "the sandbox died while it answered";
    if (!options.wanted || options.wanted()) sandboxes.prepare(request.claim);
    const auto removal_deadline = Clock::now() + kWaitForRemoval;
    const bool gone = co_await sandbox->gone().wait_until(removal_deadline);
    if (!gone) co_return lost(attempt, written_since(*link, start), "a dead sandbox could not be removed");
  }
  const std::uint64_t written = written_since(*link, start);
  if (written == 0) co_return Refusal(make_error(ErrorKind::unavailable, why));
  co_return lost(kMaxSandboxes, written, why);
}

}  // namespace carrel::sandbox
