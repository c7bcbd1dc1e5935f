#include "orchestrator/http/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "orchestrator/http/stream_path.hpp"

namespace carrel::http {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes the last item off a list separated by commas.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto item = trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return item;
}

/// Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711".
std::string_view without_port(std::string_view address) {
  if (address.starts_with('[')) return address.substr(1, std::min(address.find(']'), address.size()) - 1);
  const auto colon = address.find(':');
  const bool v6 = colon != std::string_view::npos && address.find(':', colon + 1) != std::string_view::npos;
  return v6 ? address : address.substr(0, colon);
}

bool is_among(std::string_view address, std::span<const config::Network> networks) {
  return std::ranges::any_of(networks, [&](const config::Network& one) { return contains(one, address); });
}

/// As the log and the bounds of one client have it: an IPv4 address that is mapped into IPv6 is that address.
std::optional<std::string> as_address(std::string_view text) {
  const auto parsed = config::parse_network(text);
  if (parsed.has_error() || text.find('/') != std::string_view::npos) return std::nullopt;
  return to_string(*parsed);
}

bool equal_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

}  // namespace

Origin origin_of(std::string_view peer, bool secure, const RequestHeaders& headers,
                 std::span<const config::Network> trusted) {
  Origin origin{std::string(peer), headers.host, secure};
  if (!is_among(peer, trusted)) return origin;
  origin.proxied = true;
  std::string_view line = headers.forwarded_for;
  while (!line.empty() && is_among(origin.address, trusted)) {
    auto before = as_address(without_port(take_last(line)));
    if (!before) break;
    origin.address = std::move(*before);
  }
  std::string_view protocols = headers.forwarded_proto;
  if (!protocols.empty()) origin.secure = equal_letters(take_last(protocols), "https");
  std::string_view hosts = headers.forwarded_host;
  if (const auto host = take_last(hosts); !host.empty()) origin.host = host;
  return origin;
}

bool is_of_host(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view port = equal_letters(origin.substr(0, scheme_end), "https") ? ":443" : ":80";
  return equal_letters(without_suffix(origin.substr(scheme_end + 3), port), without_suffix(host, port));
}

void mount(Request& request, std::string_view base_path) {
  request.base_path = base_path;
  const std::string_view path = request.path;
  const bool below = path.starts_with(base_path) &&
                     (path.size() == base_path.size() || path.substr(base_path.size()).starts_with('/'));
  if (!base_path.empty() && below) request.path.erase(0, base_path.size());
  if (auto in_path = take_token(request.path)) {
    request.path = std::move(in_path->path);
    request.stream_token = std::move(in_path->token);
  } else {
    request.stream_token = std::string(query_value(request.query, "token"));
  }
}

}  // namespace carrel::http
