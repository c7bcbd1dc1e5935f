// In which qualities a film can be had, and what a player needs to know to play it.
#include <algorithm>
#include <charconv>
#include <memory>
#include <variant>

#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/accounts/stream_tokens.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/json_values.hpp"
#include "orchestrator/http/playing.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"
#include "orchestrator/http/stream_path.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/qualities.hpp"
#include "orchestrator/library/direct_play.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/library/media_type.hpp"
#include "streamer/protocol/plays.hpp"

namespace carrel::http {

using library::Video;
using nlohmann::json;

namespace {

constexpr std::int64_t kAskedByViewer = 10;  // before what Carrel makes by itself
// Whatever made it fail is as it was: asking again and again must not keep a converter busy.
constexpr std::chrono::seconds kRestAfterFailure{600};
constexpr std::int64_t kMostKbps = 1'000'000'000;
constexpr std::size_t kMostCodecs = 200;

std::optional<std::uint32_t> pixels(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

struct Hints {
  jobs::Device device;
  std::string codecs;  ///< as sent, where they are of the alphabet of such names
  std::string quality;
};

Result<Hints> hints_of(const Request& request) {
  Hints hints;
  const auto kbps = query_number(request.query, "network_kbps", 1, kMostKbps);
  if (kbps.has_error()) return kbps.error();
  if (*kbps) hints.device.network_kbps = static_cast<std::uint64_t>(**kbps);
  if (const auto screen = query_text(request.query, "screen")) {
    const auto by = screen->find('x');
    hints.device.screen_width = pixels(std::string_view(*screen).substr(0, by));
    if (by != std::string::npos)
      hints.device.screen_height = pixels(std::string_view(*screen).substr(by + 1));
    if (!hints.device.screen_width || !hints.device.screen_height)
      return make_error(ErrorKind::invalid, "screen is as in screen=1920x1080");
  }
  for (const char* name : {"codecs", "caps"}) {
    const auto codecs = query_text(request.query, name);
    if (!codecs) continue;
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789,";
    if (codecs->size() > kMostCodecs || codecs->find_first_not_of(kAlphabet) != std::string::npos)
      return make_error(ErrorKind::invalid, std::string(name) + " is as in " + name + "=h264,vp9,aac");
    hints.codecs = *codecs;
    hints.device.plays = protocol::parse_plays(*codecs);
  }
  hints.quality = query_text(request.query, "quality").value_or("");
  return hints;
}

std::vector<store::JobRow> jobs_of(const Services& services, const Video& video) {
  std::vector<store::JobRow> rows;
  for (const jobs::Rung& rung : jobs::kRungs) {
    auto job = services.jobs.of(video.row.id, rung.name);
    if (job) rows.push_back(std::move(*job));
  }
  return rows;
}

/// What a viewer's URLs of one film have in common.
struct Links {
  std::string root;  ///< "/stream/{id}"
  std::string token;
  std::string codecs;

  [[nodiscard]] std::string to(const std::string& resource) const {
    return root + "/" + resource + "?token=" + token;
  }
  [[nodiscard]] std::string master(const std::string& quality) const {
    return to("master.m3u8") + wishes('&', quality);
  }
  /// Players keep no query for what an MPD names, so the token is in the path.
  [[nodiscard]] std::string dash(const std::string& quality) const {
    return root + "/t/" + token + "/manifest.mpd" + wishes('?', quality);
  }

 private:
  /// What the client plays and the viewer chose, as a query that `before` stands in front of.
  [[nodiscard]] std::string wishes(char before, const std::string& quality) const {
    std::string query;
    for (const auto& [name, value] : {std::pair("caps=", &codecs), std::pair("quality=", &quality)}) {
      if (value->empty()) continue;
      query += (query.empty() ? before : '&') + (name + *value);
    }
    return query;
  }
};

struct Choice {
  std::vector<jobs::Quality> qualities;
  std::string best;    ///< by the hints, or as asked for; empty: none is ready
  bool asked = false;  ///< `best` is what the viewer chose
};

Choice choice_of(const Services& services, const Video& video, const Hints& hints) {
  Choice choice;
  const auto variants = services.variants.of(video.row);
  const auto jobs = jobs_of(services, video);
  choice.qualities = jobs::qualities_of(video, variants, jobs);
  const auto wanted = std::ranges::find(choice.qualities, hints.quality, &jobs::Quality::id);
  choice.asked = wanted != choice.qualities.end() && wanted->state == jobs::QualityState::ready;
  choice.best = choice.asked ? hints.quality : jobs::default_quality(choice.qualities, hints.device);
  return choice;
}

json qualities_json(const Choice& choice, const Links& links) {
  json qualities = json::array();
  for (const jobs::Quality& quality : choice.qualities) {
    const bool ready = quality.state == jobs::QualityState::ready;
    qualities.push_back({{"id", quality.id},
                         {"label", quality.label},
                         {"width", quality.width},
                         {"height", quality.height},
                         {"bandwidth", quality.bandwidth},
                         {"codecs", quality.codecs},
                         {"state", to_string(quality.state)},
                         {"progress", ready ? json(nullptr) : json(quality.progress)},
                         {"url", ready ? json(links.master(quality.id)) : json(nullptr)}});
  }
  return qualities;
}

struct SubtitleKind {
  const char* name;       ///< in the API
  const char* extension;  ///< of its URL
};

std::optional<SubtitleKind> kind_of(const protocol::TrackSummary& track) {
  if (track.document == "ass") return SubtitleKind{"ass", "ass"};
  if (track.document == "sup") return SubtitleKind{"sup", "sup"};
  if (track.document == "vobsub") return SubtitleKind{"vobsub", "sub"};
  return std::nullopt;
}

json subtitle_json(const protocol::TrackSummary& track, std::size_t number, const SubtitleKind& kind,
                   const Links& links) {
  json value{{"track", number},
             {"language", track.language},
             {"title", track.title},
             {"forced", track.forced},
             {"default", track.is_default},
             {"hearing_impaired", track.hearing_impaired},
             {"external", track.external},
             {"kind", kind.name},
             {"url", links.to(std::to_string(number) + "/subtitles." + kind.extension)},
             {"index_url", nullptr}};
  if (std::string_view(kind.name) == "vobsub")
    value["index_url"] = links.to(std::to_string(number) + "/subtitles.idx");
  return value;
}

json subtitles_json(const Video& video, const Links& links) {
  json subtitles = json::array();
  if (!video.facts) return subtitles;
  for (std::size_t number = 0; number < video.facts->tracks.size(); ++number) {
    const auto& track = video.facts->tracks[number];
    if (track.use == protocol::TrackUse::cues)
      subtitles.push_back(subtitle_json(track, number, {"vtt", "vtt"}, links));
    if (const auto kind = kind_of(track)) subtitles.push_back(subtitle_json(track, number, *kind, links));
  }
  return subtitles;
}

json sounds_json(const Video& video) {
  json tracks = json::array();
  if (!video.facts) return tracks;
  for (std::size_t number = 0; number < video.facts->tracks.size(); ++number) {
    const auto& track = video.facts->tracks[number];
    if (track.use == protocol::TrackUse::none) continue;
    tracks.push_back({{"track", number},
                      {"kind", library::to_string(track.kind)},
                      {"codec", track.codec},
                      {"language", track.language},
                      {"title", track.title},
                      {"channels", track.channels},
                      {"default", track.is_default},
                      {"forced", track.forced}});
  }
  return tracks;
}

struct Issued {
  std::string token;
  std::int64_t expires_at = 0;
};

Issued issue(const Services& services, const Request& request, const Video& video) {
  const auto expires_at =
      std::min(unix_now() + services.config.session.stream_token.count(), request.session->expires_at);
  return {services.tokens.issue(request.session->id, video.row.id, expires_at), expires_at};
}

/// What both answers have in common: the film as it is, by the hints, with URLs for this session.
struct Asked {
  std::shared_ptr<const Video> video;
  Issued issued;
  Links links;
  Choice choice;
};

std::variant<Asked, Response> asked_in(const Services& services, const Request& request) {
  auto video = services.library.find(request.parameters.front());
  if (!video) return no_such_video();
  const auto hints = hints_of(request);
  if (hints.has_error()) return problem_from(hints.error());
  Issued issued = issue(services, request, *video);
  Links links{request.base_path + "/stream/" + video->row.id, issued.token, hints->codecs};
  Choice choice = choice_of(services, *video, *hints);
  return Asked{std::move(video), std::move(issued), std::move(links), std::move(choice)};
}

}  // namespace

AsyncReply show_stream(Services& services, const Request& request) {
  auto answer = asked_in(services, request);
  if (auto* refusal = std::get_if<Response>(&answer)) co_return std::move(*refusal);
  const auto& [video, issued, links, choice] = std::get<Asked>(answer);
  const std::string mime_type = library::media_type_of(*video);
  const bool playable = !choice.best.empty();
  const bool has_picture = jobs::film_of(*video).has_picture;
  json value{{"stream_url", nullptr},
             {"original_url", links.to("original")},
             {"mime_type", mime_type},
             {"original_playable", library::plays_directly(*video, protocol::parse_plays(links.codecs))},
             {"qualities", qualities_json(choice, links)},
             {"default_quality", text_or_null(choice.best)},
             {"tracks", sounds_json(*video)},
             {"subtitles", json::array()},
             {"dash_url", nullptr},
             {"chapters_url", nullptr},
             {"poster_url", nullptr},
             {"sprites_url", nullptr},
             {"token", issued.token},
             {"expires_at", rfc3339(issued.expires_at)}};
  if (playable) {
    const std::string asked = choice.asked ? choice.best : std::string();
    value["stream_url"] = links.master(asked);
    value["dash_url"] = links.dash(asked);
    value["subtitles"] = subtitles_json(*video, links);
    if (video->facts && video->facts->chapters > 0) value["chapters_url"] = links.to("chapters.json");
  }
  if (has_picture) {
    value["poster_url"] = links.to("poster.jpg");
    value["sprites_url"] = links.to("sprites.vtt");
  }
  co_return json_response(200, value);
}

AsyncReply show_qualities(Services& services, const Request& request) {
  auto answer = asked_in(services, request);
  if (auto* refusal = std::get_if<Response>(&answer)) co_return std::move(*refusal);
  const auto& [video, issued, links, choice] = std::get<Asked>(answer);
  co_return json_response(200, {{"qualities", qualities_json(choice, links)},
                                {"default_quality", text_or_null(choice.best)},
                                {"token", issued.token},
                                {"expires_at", rfc3339(issued.expires_at)}});
}

AsyncReply convert_video(Services& services, const Request& request) {
  const auto video = services.library.find(request.parameters.front());
  if (!video) co_return no_such_video();
  const std::string quality(jobs::kPlay);
  if (playing_of(services, *video).playable && !jobs::is_makeable(jobs::film_of(*video), quality)) {
    co_return problem(409, "conflict", "The film plays already", "There is nothing to convert.");
  }
  Result<jobs::AskedJob> asked =
      co_await services.jobs.ask(video, quality, kAskedByViewer, request.actor, kRestAfterFailure);
  if (asked.has_error()) co_return problem_from(asked.error());
  if (asked->changed) services.audit.record(request.actor, "job_added", video->row.id, quality);
  co_return json_response(202, {{"state", store::to_string(asked->job.state)}, {"quality", quality}});
}

}  // namespace carrel::http
