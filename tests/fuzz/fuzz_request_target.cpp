#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "orchestrator/http/cookie.hpp"
#include "orchestrator/http/query.hpp"
#include "orchestrator/http/route.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "tests/fuzz/lines.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::http;
using carrel::fuzz::require;
using carrel::protocol::Form;
using carrel::protocol::Resource;

namespace {

/// The one way to write it.
std::string written(const StreamPath& path) {
  const std::string variant = path.variant.empty() ? "" : "v/" + path.variant + "/";
  const std::string form = path.form == Form::source ? "" : path.form == Form::aac_stereo ? "aac2/" : "aac6/";
  const std::string track = variant + std::to_string(path.track) + "/" + form;
  const std::string segment = std::to_string(path.segment);
  switch (path.resource) {
    case Resource::original: return "original";
    case Resource::master: return "master.m3u8";
    case Resource::dash: return "manifest.mpd";
    case Resource::ts_master: return "ts.m3u8";
    case Resource::chapters_json: return "chapters.json";
    case Resource::chapters_vtt: return "chapters.vtt";
    case Resource::media_playlist: return track + "playlist.m3u8";
    case Resource::init: return track + "init.mp4";
    case Resource::segment: return track + segment + "." + (path.extension.empty() ? "m4s" : path.extension);
    case Resource::iframe_playlist: return track + "iframes.m3u8";
    case Resource::ts_playlist: return track + "ts/playlist.m3u8";
    case Resource::ts_segment:
      return track + "ts/" + segment + "." + (path.extension.empty() ? "ts" : path.extension);
    case Resource::subtitles: return track + "subtitles.vtt";
    case Resource::subtitle_document: return track + "subtitles." + path.extension;
    case Resource::subtitle_index: return track + "subtitles.idx";
  }
  return {};
}

void check_path(std::string_view path) {
  if (const auto parsed = parse_stream_path(path)) require(written(*parsed) == path);
  if (const auto taken = take_token(path)) {
    require(taken->path.size() + taken->token.size() < path.size());
    require(taken->token.find('/') == std::string::npos);
  }
  static constexpr std::array kTable{
      Route{Method::get, "/stream/{video}/{rest…}", Permission::stream, "stream", nullptr},
      Route{Method::patch, "/api/v1/admin/users/{user}", Permission::admin, "user", nullptr},
      Route{Method::get, "/{file…}", Permission::anyone, "web", nullptr}};
  for (const Method method : {Method::get, Method::head, Method::patch, Method::other}) {
    const RouteMatch match = match_route(kTable, method, path);
    if (match.route == nullptr) continue;
    require(path.starts_with('/'));
    for (const std::string& parameter : match.parameters)
      require(path.find(parameter) != std::string_view::npos);
  }
}

void check_query(std::string_view query) {
  for (const std::string_view name : {"since", "limit", "token"}) {
    require(query_value(query, name).size() <= query.size());
    if (const auto text = query_text(query, name)) require(!text->empty() && text->size() <= query.size());
    const auto number = query_number(query, name, -5, 100);
    if (number && *number) require(**number >= -5 && **number <= 100);
    const auto time = query_time(query, name);
    if (time && *time) require(**time >= 0);
  }
  require(carrel::percent_decoded(query).size() <= query.size());
}

}  // namespace

/// A path, a query and a Cookie header, a line each, as anybody may send them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_path(carrel::fuzz::take_line(text));
  check_query(carrel::fuzz::take_line(text));
  const std::string_view secret = cookie_value(text, kSessionCookie);
  require(secret.empty() || text.find(secret) != std::string_view::npos);
  return 0;
}
