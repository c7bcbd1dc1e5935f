#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/unique_fd.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/observe/event_feed.hpp"
#include "streamer/protocol/message.hpp"

/// Requests and replies as values. Handlers see these; only the connection knows Beast.
namespace carrel::http {

enum class Method { get, head, post, put, patch, delete_, other };

/// As HTTP writes it; "other" for those that Carrel does not know.
[[nodiscard]] std::string_view to_string(Method method);

/// The headers that Carrel looks at; empty when absent.
struct RequestHeaders {
  std::string host, origin, sec_fetch_site, content_type, cookie, accept_encoding, authorization;
  std::string last_event_id;
  std::string forwarded_for, forwarded_proto, forwarded_host;  ///< X-Forwarded-…, several joined by commas
  std::string range, if_range, if_match, if_none_match, if_modified_since, if_unmodified_since;
};

struct Request {
  Method method = Method::get;
  std::string path;   ///< as sent, without the query; a stream token in it has been taken out
  std::string query;  ///< as sent, without the '?'
  RequestHeaders headers;
  std::string body;
  std::string peer;         ///< the client's address, without the port; "local" on the admin socket
  std::string host;         ///< by which the client calls us
  std::string base_path;    ///< before every path that the client is told; see Config::Http
  bool secure = false;      ///< the client speaks TLS, with us or with a proxy that we believe
  std::string local_admin;  ///< who asks on the admin socket, as "local:NAME"; empty elsewhere
  std::string request_id;   ///< made here, visible ASCII
  bool keep_alive = true;
  std::string stream_token;                  ///< from the path or the query
  std::vector<std::string> parameters;       ///< what the route's {…} stand for
  std::optional<accounts::Session> session;  ///< set where the route asks for one
  std::string actor;                  ///< who asks, for the audit trail; set where somebody must be known
  std::function<bool()> client_gone;  ///< has hung up; may be asked at any time, even long after
};

struct Response {
  unsigned status = 200;
  std::string content_type;
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The answer is the sandbox's to give.
struct HandOver {
  accounts::Session session;
  protocol::Serve message;
  UniqueFd film;
  UniqueFd index;
  std::vector<UniqueFd> variants;  ///< indexes of message.variants
  std::string video;
  std::string variant;  ///< whose media and index it is; empty: the film's own
};

/// Happenings, as they happen, until the client or the daemon ends it.
struct EventStream {
  std::shared_ptr<observe::EventFeed::Listener> listener;
  bool for_viewer = true;
};

using Reply = std::variant<Response, HandOver, EventStream>;

[[nodiscard]] Response make_response(unsigned status, std::string content_type, std::string body);

}  // namespace carrel::http
