#include "streamer/respond/header.hpp"

#include <algorithm>
#include <utility>

#include "streamer/protocol/conditions.hpp"

namespace carrel::streamer {
namespace {

std::string_view reason_of(std::uint16_t status) {
  switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 404: return "Not Found";
    case 412: return "Precondition Failed";
    case 416: return "Range Not Satisfiable";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

// A film opened directly in a tab shows the browser's own player, which has inline styles; nothing else may
// load, run or frame it. No "sandbox": its origin would be nobody's, and the player's own requests come
// without the cookie.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

}  // namespace

bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7F; });
}

ResponseHeader::ResponseHeader(std::uint16_t status, const protocol::Serve& request)
    : text_("HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) + "\r\n") {
  add("Date", protocol::format_http_date(request.date));
  if (!request.request_id.empty()) {
    add("X-Request-Id", request.request_id);
  }
  add("X-Content-Type-Options", "nosniff");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Referrer-Policy", "no-referrer");  // an address may have a token in it
  add("Content-Security-Policy", kContentSecurityPolicy);
  if (!request.keep_alive) {
    add("Connection", "close");
  }
}

void ResponseHeader::add(std::string_view name, std::string_view value) {
  if (!is_field_value(value)) {
    return;
  }
  text_.append(name).append(": ").append(value).append("\r\n");
}

void ResponseHeader::add(std::string_view name, std::uint64_t value) {
  add(name, std::to_string(value));
}

std::string ResponseHeader::finish() && {
  return std::move(text_.append("\r\n"));
}

}  // namespace carrel::streamer
