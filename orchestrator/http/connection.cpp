#include "orchestrator/http/connection.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/access.hpp"
#include "orchestrator/http/claim.hpp"
#include "orchestrator/http/event_text.hpp"
#include "orchestrator/http/forwarded.hpp"
#include "orchestrator/http/loan.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/route.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/http/variant_files.hpp"
#include "orchestrator/http/wire.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/answer.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view kNoRoute = "none";
constexpr std::chrono::seconds kHeartbeat{15};
// Something has to come, or a browser does not call the stream open; and it comes back soon after a restart.
constexpr char kFirstWords[] = "retry: 2000\n\n";

WireLimits limits_from(const config::Config& config) {
  return WireLimits{config.http.header_bytes, config.http.body_bytes, config.http.header_timeout,
                    config.http.idle_timeout};
}

/// How one request went; for the access log and the metrics.
struct AccessRecord {
  std::string_view route = kNoRoute;
  unsigned status = 0;
  std::uint64_t bytes = 0;
  unsigned sandboxes = 0;
  std::string sandbox;  ///< that gave the answer, the last one if there were more
  std::string note;
  bool endless = false;  ///< until the client leaves: no time to be measured
};

std::string_view to_string(protocol::Outcome outcome) {
  switch (outcome) {
    case protocol::Outcome::complete: return "complete";
    case protocol::Outcome::client_gone: return "client_gone";
    case protocol::Outcome::film_error: return "film_error";
    case protocol::Outcome::bad_index: return "bad_index";
    case protocol::Outcome::internal: return "internal";
  }
  return "internal";
}

/// That there is no booth is never the request's fault, whatever the engine called it: a missing image is its
/// "not found".
Error on_our_side(Error error) {
  const bool blames_request = error.kind == ErrorKind::invalid || error.kind == ErrorKind::not_found ||
                              error.kind == ErrorKind::forbidden || error.kind == ErrorKind::conflict;
  if (blames_request) error.kind = ErrorKind::unavailable;
  return error;
}

Response problem_of(const sandbox::Refusal& refusal) {
  using Why = sandbox::Refusal::Why;
  switch (refusal.why) {
    case Why::failed: return problem_from(on_our_side(refusal));
    case Why::full: {
      std::string detail = refusal.message;
      if (refusal.position > 0)
        detail += "; you are number " + std::to_string(refusal.position) + " in the line";
      return problem_later(429, "booths-full", "All booths are taken", std::move(detail),
                           refusal.retry_after);
    }
    case Why::too_many_streams:
      return problem_later(429, "too-many-streams", "Too many films at once", refusal.message,
                           refusal.retry_after);
    case Why::user_crashes:
      return problem_later(503, "booth-broken", "Your booth keeps breaking down", refusal.message,
                           refusal.retry_after);
    case Why::film_crashes:
      return problem_later(503, "film-breaks-booths", "This film breaks booths", refusal.message,
                           refusal.retry_after);
  }
  return problem_from(refusal);
}

class Connection {
 public:
  Connection(asio::generic::stream_protocol::socket socket, Services& services,
             std::shared_ptr<ServerLoad> load, Peer peer)
      : services_(services),
        load_(std::move(load)),
        wire_(std::move(socket), limits_from(services.config)),
        peer_(std::move(peer)),
        link_(peer_.relayed ? peer_.relayed : std::make_shared<sandbox::DirectLink>(wire_.native_handle())) {
    // Who got through is owed an answer, even when the server ends.
    load_->begin_answer();
  }

  asio::awaitable<void> run() {
    bool go_on = true;
    for (bool fresh = true; go_on; fresh = false) {
      if (!fresh) load_->begin_answer();
      std::variant<Request, Response, Closed> incoming = co_await next_request(fresh);
      if (std::holds_alternative<Closed>(incoming)) {
        load_->end_answer();
        if (!load_->stopping()) co_return;
        break;
      }
      if (const auto* refusal = std::get_if<Response>(&incoming)) {
        co_await refuse_unread(*refusal);
        load_->end_answer();
        break;
      }
      auto& request = std::get<Request>(incoming);
      const bool answered = co_await serve(request);
      go_on = answered && request.keep_alive && !load_->stopping();
    }
    co_await wire_.close_gracefully();
  }

 private:
  asio::awaitable<std::variant<Request, Response, Closed>> next_request(bool fresh) {
    const ServerLoad::Wait wait(*load_, ServerLoad::Waiting{[this] { wire_.end_wait(); }, fresh});
    std::variant<Request, Response, Closed> incoming = co_await wire_.read();
    co_return incoming;
  }

  asio::awaitable<void> refuse_unread(const Response& refusal) {
    Request unread;
    unread.method = Method::other;
    unread.peer = peer_.address;
    unread.secure = peer_.relayed != nullptr;
    unread.request_id = sodium::make_uuid_v7();
    unread.keep_alive = false;
    AccessRecord record;
    const bool written = co_await write(refusal, unread, record);
    static_cast<void>(written);
    note(unread, record, Clock::duration::zero());
  }

  void identify(Request& request) {
    request.local_admin = peer_.local_admin;
    const auto& http = services_.config.http;
    const bool local = !peer_.local_admin.empty() || peer_.barred;
    mount(request, local ? std::string() : http.base_path);
    Origin origin = origin_of(peer_.address, peer_.relayed != nullptr, request.headers, http.trusted_proxies);
    request.peer = std::move(origin.address);
    request.host = std::move(origin.host);
    request.secure = origin.secure;
    proxied_ = origin.proxied;
  }

  /// Ends what begin_answer() began. False: the connection is of no more use.
  asio::awaitable<bool> serve(Request& request) {
    const auto began = Clock::now();
    identify(request);
    request.request_id = sodium::make_uuid_v7();
    request.client_gone = [this, alive = std::weak_ptr<const bool>(alive_)] {
      return alive.expired() || wire_.hung_up();
    };
    if (load_->stopping()) request.keep_alive = false;
    AccessRecord record;
    Reply reply = co_await find_reply(request, record);
    bool usable = false;
    if (!may_go_on(request, record)) {
      load_->end_answer();
    } else if (auto* hand_over = std::get_if<HandOver>(&reply)) {
      // From here on it is the sandbox's, and goes on without the daemon; what is encrypted here does not,
      // and its relay says when it has ended.
      load_->end_answer();
      // A proxy would send the next viewer's request here, and the booth that has had the socket could answer
      // it before the daemon does.
      if (proxied_) request.keep_alive = hand_over->message.keep_alive = false;
      const bool kept = co_await hand_over_to_sandbox(std::move(*hand_over), request, record);
      usable = kept;
    } else if (auto* events = std::get_if<EventStream>(&reply)) {
      // It has no end of its own, so nobody waits for it.
      load_->end_answer();
      co_await tell_events(std::move(*events), request, record);
    } else {
      const auto& response = std::get<Response>(reply);
      if (load_->stopping()) request.keep_alive = false;
      const bool written = co_await write(response, request, record);
      load_->end_answer();
      usable = written && may_go_on(request, record);
    }
    note(request, record, Clock::now() - began);
    co_return usable;
  }

  bool may_go_on(const Request& request, AccessRecord& record) {
    const std::string session = request.session ? request.session->id : std::string();
    std::string objection = loan_.objection(*link_, wire_.sent(), session);
    if (objection.empty()) return true;
    record.note = std::move(objection);
    abort();
    return false;
  }

  asio::awaitable<Reply> find_reply(Request& request, AccessRecord& record) {
    if (peer_.barred) {
      co_return Reply(problem(403, "not-local-admin", "The admin socket is not for this user",
                              "Run carrelctl as root or as the user that carreld runs as, or use --url with "
                              "--token-file."));
    }
    if (request.path.empty()) {
      Response inside = make_response(308, {}, {});
      inside.headers.emplace_back("Location", request.base_path + "/");
      co_return Reply(std::move(inside));
    }
    RouteMatch match = match_route(routes(), request.method, request.path);
    if (match.route == nullptr) {
      if (match.allowed.empty()) {
        co_return Reply(
            problem(404, "not-found", "There is no such resource", "Look at docs/api.md, or start at /."));
      }
      Response wrong = problem(405, "method-not-allowed", "This resource does not know that method",
                               "It knows " + match.allowed + ".");
      wrong.headers.emplace_back("Allow", match.allowed);
      co_return Reply(std::move(wrong));
    }
    record.route = match.route->label;
    request.parameters = std::move(match.parameters);
    if (auto refusal = refuse(services_, *match.route, request)) co_return Reply(std::move(*refusal));
    Reply reply = Response{};
    std::string bug;
    try {
      Reply made = co_await match.route->handler(services_, request);
      reply = std::move(made);
    } catch (const std::exception& e) {
      bug = e.what();
    }
    if (!bug.empty()) {
      log::error("bug.exception", {{"where", record.route},
                                   {"what", bug},
                                   {"request", request.request_id},
                                   {"session", request.session ? request.session->id : std::string()}});
      reply = problem(500, "internal", "Something failed that should not",
                      "The log has it under the request id " + request.request_id + ".");
    }
    co_return reply;
  }

  asio::awaitable<bool> write(const Response& response, const Request& request, AccessRecord& record) {
    record.status = response.status;
    record.bytes = response.body ? response.body->size() : 0;
    const bool written = co_await wire_.write(response, &request, request.keep_alive);
    co_return written;
  }

  asio::awaitable<void> tell_events(EventStream events, const Request& request, AccessRecord& record) {
    const auto listener = std::move(events.listener);
    const Audience audience = events.for_viewer ? Audience::viewer : Audience::administrators;
    Response head = make_response(200, "text/event-stream", {});
    head.headers.emplace_back("Cache-Control", "no-store");
    head.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would keep the events to itself
    record.status = head.status;
    record.endless = true;
    bool goes_on = co_await wire_.begin(head, request);
    if (!goes_on || request.method == Method::head) co_return;
    wire_.when_heard([listener] { listener->end(); });
    std::string text = kFirstWords;
    while (goes_on) {
      record.bytes += text.size();
      const bool written = co_await wire_.write_more(std::move(text));
      goes_on =
          written && !listener->over() && may_go_on(request, record) && still_allowed(services_, request);
      if (!goes_on) break;
      const auto deadline = Clock::now() + kHeartbeat;
      const std::vector<observe::FeedEvent> news = co_await listener->next(deadline);
      goes_on = !listener->over();
      text = event_text(news, audience);
    }
  }

  asio::awaitable<bool> hand_over_to_sandbox(HandOver hand_over, const Request& request,
                                             AccessRecord& record) {
    const std::string session_id = hand_over.session.id;
    const std::string video = hand_over.video;
    const std::string variant = hand_over.variant;
    const std::vector<std::string> variants = hand_over.message.variants;
    sandbox::AnswerRequest order;
    order.claim = claim_of(hand_over.session);
    order.film_name = video;
    order.message = std::move(hand_over.message);
    order.socket = wire_.native_handle();
    order.link = link_;
    order.film = std::move(hand_over.film);
    order.index = std::move(hand_over.index);
    order.variants = std::move(hand_over.variants);
    sandbox::AnswerOptions options;
    options.stall_timeout = services_.config.http.stall_timeout;
    options.hang_timeout = services_.config.sandbox.hang_timeout;
    auto& accounts = services_.accounts;
    options.wanted = [&accounts, session_id] { return accounts.by_id(session_id).has_value(); };
    options.on_progress = [&accounts, session_id] { accounts.touch(session_id); };

    sandbox::Granted<sandbox::AnswerEnd> end =
        co_await sandbox::give_answer(services_.sandboxes, std::move(order), std::move(options));
    if (end.has_error()) {
      services_.metrics.answer("refused", 0, {});
      record.note = end.error().message;
      const Response response = problem_of(end.error());
      const bool written = co_await write(response, request, record);
      co_return written;
    }
    std::optional<std::uint64_t> others;
    if (end->socket_written) others = *end->socket_written - wire_.sent();
    loan_.note(end->sandbox, session_id, others);
    if (const auto last = end->sandbox.lock()) record.sandbox = last->identity().sandbox;
    services_.metrics.answer(to_string(end->outcome), end->bytes,
                             {end->hand_over_seconds, end->first_byte_seconds});
    if (end->sandboxes > 1) services_.metrics.replaced_in_answer(end->sandboxes - 1);
    record.status = end->status;
    record.bytes = end->bytes;
    record.sandboxes = end->sandboxes;
    record.note = end->detail;
    bool bad_variants = false;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      if ((end->bad_variants & protocol::bit_of_variant(i)) == 0) continue;
      bad_variants = true;
      variant_damaged(services_, video, variants[i]);
    }
    if (end->outcome == protocol::Outcome::bad_index) {
      if (!variant.empty()) {
        variant_damaged(services_, video, variant);
      } else if (!bad_variants) {
        services_.library.remake_index(video);
      }
      co_return true;
    }
    if (end->outcome == protocol::Outcome::complete) co_return true;
    abort();
    co_return false;
  }

  void abort() {
    link_->cut();
    wire_.abort();
  }

  void note(const Request& request, const AccessRecord& record, Clock::duration took) {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto timed = record.endless ? std::nullopt : std::optional(seconds);
    services_.metrics.http_request(record.route, static_cast<int>(record.status), timed);
    const std::string session = request.session ? request.session->id : std::string();
    log::info("http.request", {{"request", request.request_id},
                               {"method", to_string(request.method)},
                               {"path", without_tokens(request.path)},
                               {"route", record.route},
                               {"status", record.status},
                               {"bytes", record.bytes},
                               {"seconds", seconds},
                               {"peer", request.peer},
                               {"session", session},
                               {"sandbox", record.sandbox},
                               {"sandboxes", record.sandboxes},
                               {"note", record.note}});
  }

  Services& services_;
  std::shared_ptr<ServerLoad> load_;
  Wire wire_;
  Peer peer_;
  std::shared_ptr<sandbox::ClientLink> link_;
  Loan loan_;
  bool proxied_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace

asio::awaitable<void> serve_connection(asio::generic::stream_protocol::socket socket, Services& services,
                                       std::shared_ptr<ServerLoad> load, Peer peer) {
  const std::string address = peer.address;
  Connection connection(std::move(socket), services, load, std::move(peer));
  std::exception_ptr bug;
  try {
    co_await connection.run();
  } catch (...) {
    bug = std::current_exception();
  }
  load->release(address);
  if (bug) std::rethrow_exception(bug);
}

}  // namespace carrel::http
