#include "streamer/respond/respond.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "streamer/protocol/conditions.hpp"
#include "streamer/respond/header.hpp"
#include "streamer/respond/multipart.hpp"
#include "streamer/respond/preconditions.hpp"
#include "streamer/respond/problem.hpp"
#include "streamer/respond/ranges.hpp"

namespace carrel::streamer {
namespace {

// Stored but asked about each time: a film may be replaced under the same URL, and a segment of the old one
// does not play between segments of the new one. Asking costs a 304.
constexpr std::string_view kCacheControl = "private, no-cache";

struct Representation {
  std::string content_type;
  Pieces body;
  Validators validators;
};

void add_validators(ResponseHeader& header, const Validators& validators) {
  header.add("ETag", "\"" + validators.etag + "\"");
  if (validators.last_modified) {
    header.add("Last-Modified", protocol::format_http_date(*validators.last_modified));
  }
}

struct Field {
  std::string_view name;
  std::string value;
};

Answer plan_problem(const protocol::Serve& request, const Problem& problem, const Field& more = {}) {
  const std::string json = to_json(problem);
  ResponseHeader header(problem.status, request);
  header.add("Content-Type", kProblemType);
  header.add("Content-Length", json.size());
  header.add("Cache-Control", "no-store");
  if (!more.name.empty()) {
    header.add(more.name, more.value);
  }
  Answer answer;
  answer.status = problem.status;
  answer.pieces.emplace_back(std::move(header).finish());
  if (!request.head) {
    answer.pieces.emplace_back(json);
  }
  return answer;
}

/// RFC 9110 section 15.4.5: the fields that a cache updates, and no description of a body.
Answer plan_not_modified(const protocol::Serve& request, const Validators& validators) {
  ResponseHeader header(304, request);
  add_validators(header, validators);
  header.add("Cache-Control", kCacheControl);
  Answer answer;
  answer.status = 304;
  answer.pieces.emplace_back(std::move(header).finish());
  return answer;
}

Answer plan_body(const protocol::Serve& request, const Representation& whole, std::vector<Span> spans) {
  const std::uint64_t size = total_bytes(whole.body);
  const auto status = static_cast<std::uint16_t>(spans.empty() ? 200 : 206);
  ResponseHeader header(status, request);
  header.add("Accept-Ranges", "bytes");
  header.add("Cache-Control", kCacheControl);
  add_validators(header, whole.validators);
  Pieces body;
  std::string_view type = whole.content_type;
  Multipart multipart;
  if (spans.empty()) {
    body = whole.body;
  } else if (spans.size() == 1) {
    header.add("Content-Range", content_range(spans.front(), size));
    append_slice(body, whole.body, spans.front().first, spans.front().length());
  } else {
    multipart = make_multipart(whole.body, whole.content_type, whole.validators.etag, spans);
    type = multipart.content_type;
    body = std::move(multipart.body);
  }
  header.add("Content-Type", type);
  header.add("Content-Length", total_bytes(body));
  Answer answer;
  answer.status = status;
  answer.pieces.emplace_back(std::move(header).finish());
  if (!request.head) {
    std::ranges::move(body, std::back_inserter(answer.pieces));
  }
  return answer;
}

Answer plan_representation(const protocol::Serve& request, const Representation& whole) {
  switch (evaluate_preconditions(request.conditions, whole.validators)) {
    case Verdict::not_modified: return plan_not_modified(request, whole.validators);
    case Verdict::precondition_failed: return plan_problem(request, kPreconditionFailed);
    case Verdict::proceed: break;
  }
  // RFC 9110 section 14.2: Range is defined for GET alone.
  if (request.head || !range_applies(request.conditions, whole.validators)) {
    return plan_body(request, whole, {});
  }
  const std::uint64_t size = total_bytes(whole.body);
  SelectedRanges selected = select_ranges(request.conditions.ranges, size);
  if (selected.verdict == RangeVerdict::unsatisfiable) {
    return plan_problem(request, kRangeNotSatisfiable, {"Content-Range", "bytes */" + std::to_string(size)});
  }
  return plan_body(request, whole, std::move(selected.spans));
}

bool inside(const Pieces& pieces, std::uint64_t film_size) {
  return std::ranges::all_of(pieces, [&](const Piece& piece) {
    if (const auto* strided = std::get_if<StridedBytes>(&piece)) {
      return film_end(*strided) <= film_size;
    }
    const auto* film = std::get_if<FilmBytes>(&piece);
    return film == nullptr || (film->offset <= film_size && film->length <= film_size - film->offset);
  });
}

Answer plan_failure(const protocol::Serve& request, const Error& error) {
  if (error.kind == ErrorKind::not_found) {
    return plan_problem(request, kNoSuchSegment);
  }
  if (error.kind == ErrorKind::invalid) {
    const bool said = request.retry_after > 0;
    const Field again = said ? Field{"Retry-After", std::to_string(request.retry_after)} : Field{};
    Answer answer = plan_problem(request, kIndexDamaged, again);
    answer.outcome = protocol::Outcome::bad_index;
    answer.detail = error.message;
    return answer;
  }
  protocol::Serve closing = request;
  closing.keep_alive = false;
  Answer answer = plan_problem(closing, kInternal);
  answer.outcome = protocol::Outcome::internal;
  answer.detail = error.message;
  return answer;
}

Pieces marked_film(std::uint64_t size, const std::vector<std::uint64_t>& marks) {
  constexpr std::string_view mark = "hvc1";
  Pieces pieces;
  std::uint64_t at = 0;
  const auto film_to = [&](std::uint64_t end) {
    if (end > at) {
      pieces.emplace_back(FilmBytes{at, end - at});
    }
  };
  for (const std::uint64_t place : marks) {
    film_to(place);
    pieces.emplace_back(MadeBytes(mark));
    at = place + mark.size();
  }
  film_to(size);
  return pieces;
}

}  // namespace

Answer plan_original(const protocol::Serve& request, const FilmFacts& film,
                     const std::vector<std::uint64_t>& marks) {
  Representation whole;
  const bool usable = !request.content_type.empty() && is_field_value(request.content_type);
  whole.content_type = usable ? request.content_type : "application/octet-stream";
  whole.body = marked_film(film.size, marks);
  whole.validators = validators_of(request, film);
  if (!marks.empty()) {
    whole.validators.etag.append("-hvc1");
  }
  return plan_representation(request, whole);
}

Answer plan_packaged(const protocol::Serve& request, const FilmFacts& film, Result<Packaged> packaged) {
  if (!packaged) {
    return plan_failure(request, packaged.error());
  }
  if (!inside(packaged->body, film.size)) {
    return plan_failure(request, make_error(ErrorKind::invalid,
                                            "the index names bytes beyond the film's end; "
                                            "index the film again"));
  }
  Representation whole;
  whole.content_type = std::move(packaged->content_type);
  whole.body = std::move(packaged->body);
  whole.validators = validators_of(request, film);
  if (!packaged->made_from.empty()) {
    whole.validators.etag.append("-").append(packaged->made_from);
  }
  return plan_representation(request, whole);
}

}  // namespace carrel::streamer
