#include <doctest/doctest.h>

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "streamer/protocol/conditions.hpp"
#include "streamer/respond/respond.hpp"
#include "tests/unit/streamer/rendered.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Outcome;
using protocol::Resource;
using protocol::Serve;

namespace {

constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
const std::string kFilm = test::film_text(1000);

FilmFacts facts(std::uint64_t size = 1000) {
  return {size, kModified * 1'000'000'000 + 5, 3};
}

Serve ask(const protocol::ConditionHeaders& headers = {}) {
  Serve request;
  request.date = kModified + 100;
  request.content_type = "video/mp4";
  request.request_id = "r-1";
  request.conditions = protocol::parse_conditions(headers);
  return request;
}

Serve ask_range(std::string_view range) {
  protocol::ConditionHeaders headers;
  headers.range = range;
  return ask(headers);
}

struct Parsed {
  std::string head, body;
  [[nodiscard]] std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
      return "(none)";
    }
    const std::size_t start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

Parsed parse(const Answer& answer, std::string_view film = kFilm) {
  const std::string all = test::rendered(answer.pieces, film);
  const std::size_t end = all.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  const Parsed parsed{all.substr(0, end + 2), all.substr(end + 4)};
  CHECK(parsed.head.starts_with("HTTP/1.1 " + std::to_string(answer.status) + " "));
  return parsed;
}

}  // namespace

TEST_CASE("the whole film") {
  const Answer answer = plan_original(ask(), facts());
  const Parsed got = parse(answer);
  CHECK(answer.status == 200);
  CHECK(answer.outcome == Outcome::complete);
  CHECK(got.body == kFilm);
  CHECK(got.head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(got.field("Date") == "Sun, 06 Nov 1994 08:51:17 GMT");
  CHECK(got.field("Content-Type") == "video/mp4");
  CHECK(got.field("Content-Length") == "1000");
  CHECK(got.field("Accept-Ranges") == "bytes");
  CHECK(got.field("Last-Modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(got.field("Cache-Control") == "private, no-cache");
  CHECK(got.field("X-Content-Type-Options") == "nosniff");
  CHECK(got.field("X-Request-Id") == "r-1");
  CHECK(got.field("Cross-Origin-Resource-Policy") == "same-origin");
  CHECK(got.field("Referrer-Policy") == "no-referrer");
  CHECK(got.field("Content-Security-Policy").starts_with("default-src 'none'; "));
  CHECK(got.field("Connection") == "(none)");
  CHECK(got.field("ETag") == "\"3e8-ae1b981bc490a05\"");
}

TEST_CASE("HEAD has the header of GET, ignores Range, and has no body") {
  Serve request = ask_range("bytes=0-9");
  request.head = true;
  const Answer answer = plan_original(request, facts());
  CHECK(answer.status == 200);
  const Parsed got = parse(answer);
  CHECK(got.body.empty());
  CHECK(got.head == parse(plan_original(ask(), facts())).head);
}

TEST_CASE("single ranges") {
  struct Case {
    const char *range, *content_range;
    std::size_t first, length;
  };
  for (const Case& c :
       {Case{"bytes=0-99", "bytes 0-99/1000", 0, 100}, Case{"bytes=-1", "bytes 999-999/1000", 999, 1},
        Case{"bytes=990-", "bytes 990-999/1000", 990, 10}, Case{"bytes=5000-,1-2", "bytes 1-2/1000", 1, 2}}) {
    const Answer answer = plan_original(ask_range(c.range), facts());
    const Parsed got = parse(answer);
    CHECK(answer.status == 206);
    CHECK(got.field("Content-Range") == c.content_range);
    CHECK(got.field("Content-Length") == std::to_string(c.length));
    CHECK(got.field("Content-Type") == "video/mp4");
    CHECK(got.body == kFilm.substr(c.first, c.length));
  }
}

TEST_CASE("several ranges are multipart/byteranges") {
  const Answer answer = plan_original(ask_range("bytes=500-509,0-4,-3"), facts());
  const Parsed got = parse(answer);
  CHECK(answer.status == 206);
  const std::string boundary = "carrel-3e8-ae1b981bc490a05";
  CHECK(got.field("Content-Type") == "multipart/byteranges; boundary=" + boundary);
  CHECK(got.field("Content-Range") == "(none)");
  CHECK(got.field("Content-Length") == std::to_string(got.body.size()));
  const std::string part = "Content-Type: video/mp4\r\nContent-Range: bytes ";
  CHECK(got.body == "--" + boundary + "\r\n" + part + "500-509/1000\r\n\r\n" + kFilm.substr(500, 10) +
                        "\r\n--" + boundary + "\r\n" + part + "0-4/1000\r\n\r\n" + kFilm.substr(0, 5) +
                        "\r\n--" + boundary + "\r\n" + part + "997-999/1000\r\n\r\n" + kFilm.substr(997) +
                        "\r\n--" + boundary + "--\r\n");
}

TEST_CASE("no set of ranges makes much more than the film") {
  const Answer answer =
      plan_original(ask_range("bytes=0-,1-,2-,3-,4-,5-,6-,7-,8-,9-,10-,11-,12-,13-,14-,15-"), facts());
  CHECK(answer.status == 206);
  CHECK(parse(answer).body == kFilm);
}

TEST_CASE("416 names the length") {
  for (const std::uint64_t size : {std::uint64_t{1000}, std::uint64_t{0}}) {
    const Answer answer = plan_original(ask_range("bytes=1000-"), facts(size));
    const Parsed got = parse(answer);
    CHECK(answer.status == 416);
    CHECK(got.field("Content-Range") == "bytes */" + std::to_string(size));
    CHECK(got.field("Content-Type") == "application/problem+json");
    CHECK(got.field("Content-Length") == std::to_string(got.body.size()));
    CHECK(got.body.find("urn:carrel:problem:range-not-satisfiable") != std::string::npos);
  }
}

TEST_CASE("an empty film is an empty 200") {
  const Parsed got = parse(plan_original(ask(), facts(0)));
  CHECK(got.field("Content-Length") == "0");
  CHECK(got.body.empty());
}

TEST_CASE("positions beyond 4 GiB") {
  const Answer answer = plan_original(ask_range("bytes=5000000000-5000000009"), facts(6'000'000'000));
  REQUIRE(answer.pieces.size() == 2);
  CHECK(std::get<FilmBytes>(answer.pieces[1]) == FilmBytes{5'000'000'000, 10});
  CHECK(std::get<MadeBytes>(answer.pieces[0]).find("bytes 5000000000-5000000009/6000000000") !=
        std::string::npos);
}

TEST_CASE("304 and 412") {
  protocol::ConditionHeaders headers;
  SUBCASE("304 carries what a cache updates and no body") {
    headers.if_none_match = "\"3e8-ae1b981bc490a05\"";
    headers.range = "bytes=0-9";
    const Answer answer = plan_original(ask(headers), facts());
    const Parsed got = parse(answer);
    CHECK(answer.status == 304);
    CHECK(got.body.empty());
    CHECK(got.field("Content-Length") == "(none)");
    CHECK(got.field("Content-Type") == "(none)");
    CHECK(got.field("ETag") == "\"3e8-ae1b981bc490a05\"");
    CHECK(got.field("Cache-Control") == "private, no-cache");
  }
  SUBCASE("412 before 416") {
    headers.if_match = "\"other\"";
    headers.range = "bytes=9999-";
    const Answer answer = plan_original(ask(headers), facts());
    CHECK(answer.status == 412);
    CHECK(parse(answer).field("Cache-Control") == "no-store");
  }
}

TEST_CASE("If-Range that does not hold brings the whole film") {
  protocol::ConditionHeaders headers;
  headers.range = "bytes=0-9";
  for (const char* holds : {"\"3e8-ae1b981bc490a05\"", "Sun, 06 Nov 1994 08:49:37 GMT"}) {
    headers.if_range = holds;
    CHECK(plan_original(ask(headers), facts()).status == 206);
  }
  for (const char* fails :
       {"\"other\"", "W/\"3e8-ae1b981bc490a05\"", "Sun, 06 Nov 1994 08:49:38 GMT", "nonsense"}) {
    headers.if_range = fails;
    CHECK(plan_original(ask(headers), facts()).status == 200);
  }
}

TEST_CASE("a film changed in this very second has no Last-Modified") {
  Serve request = ask();
  request.date = kModified;
  CHECK(parse(plan_original(request, facts())).field("Last-Modified") == "(none)");
}

TEST_CASE("HLS resources have own tags, ranges and conditions, and no Last-Modified") {
  Serve request = ask_range("bytes=2-6");
  request.resource = Resource::segment;
  request.track = 1;
  request.segment = 18;
  const Packaged packaged{"video/mp4", {MadeBytes("moof"), FilmBytes{10, 20}}};
  Answer answer = plan_packaged(request, facts(), packaged);
  Parsed got = parse(answer);
  CHECK(answer.status == 206);
  CHECK(got.body == "of" + kFilm.substr(10, 3));
  CHECK(got.field("Content-Range") == "bytes 2-6/24");
  CHECK(got.field("Last-Modified") == "(none)");
  CHECK(got.field("ETag") == "\"3e8-ae1b981bc490a05-3-r4-1-12\"");
  request.conditions = {};
  request.conditions.if_none_match =
      protocol::TagCondition{false, {{"3e8-ae1b981bc490a05-3-r4-1-12", false}}};
  CHECK(plan_packaged(request, facts(), packaged).status == 304);
  request.resource = Resource::init;
  CHECK(plan_packaged(request, facts(), packaged).status == 200);
}

TEST_CASE("what makes other bytes makes another tag") {
  std::set<std::string> tags;
  const Serve first = [] {
    Serve request = ask();
    request.resource = Resource::master;
    return request;
  }();
  const auto note = [&](const Serve& request) { tags.insert(validators_of(request, facts()).etag); };
  note(first);
  for (const auto change : std::initializer_list<void (*)(Serve&)>{
           [](Serve& r) { r.resource = Resource::dash; }, [](Serve& r) { r.track = 1; },
           [](Serve& r) { r.segment = 1; }, [](Serve& r) { r.form = protocol::Form::aac_stereo; },
           [](Serve& r) { r.plays = 1; }, [](Serve& r) { r.variants = {"720p"}; },
           [](Serve& r) {
             r.variants = {"720p", "480p"};
           }}) {
    Serve changed = first;
    change(changed);
    note(changed);
  }
  CHECK(tags.size() == 8);
  note(first);
  CHECK(tags.size() == 8);
}

TEST_CASE("what cannot be packaged is a problem document") {
  Serve request = ask();
  request.resource = Resource::segment;
  SUBCASE("no such segment") {
    const Answer answer = plan_packaged(request, facts(), make_error(ErrorKind::not_found, "secret"));
    CHECK(answer.status == 404);
    CHECK(answer.outcome == Outcome::complete);
    const Parsed got = parse(answer);
    CHECK(got.body.find("urn:carrel:problem:not-found") != std::string::npos);
    CHECK(got.body.find("secret") == std::string::npos);
  }
  SUBCASE("a damaged index") {
    const Answer answer = plan_packaged(request, facts(), make_error(ErrorKind::invalid, "checksum"));
    CHECK(answer.status == 503);
    CHECK(answer.outcome == Outcome::bad_index);
    CHECK(answer.detail == "checksum");
    CHECK(parse(answer).field("Connection") == "(none)");
  }
  SUBCASE("an index that names bytes beyond the film") {
    const Packaged beyond{"video/mp4", {FilmBytes{990, 11}}};
    CHECK(plan_packaged(request, facts(), beyond).outcome == Outcome::bad_index);
  }
  SUBCASE("anything else closes the connection") {
    const Answer answer = plan_packaged(request, facts(), make_error(ErrorKind::internal, "mmap"));
    CHECK(answer.status == 500);
    CHECK(answer.outcome == Outcome::internal);
    CHECK(parse(answer).field("Connection") == "close");
  }
}

TEST_CASE("Connection: close when asked") {
  Serve request = ask();
  request.keep_alive = false;
  CHECK(parse(plan_original(request, facts())).field("Connection") == "close");
}

TEST_CASE("texts that would break the header are left out") {
  Serve request = ask_range("bytes=0-1,4-5");
  request.content_type = "video/mp4\r\nSet-Cookie: a=b";
  request.request_id = "a\nb";
  const std::string all = test::rendered(plan_original(request, facts()).pieces, kFilm);
  CHECK(all.find("Set-Cookie") == std::string::npos);
  CHECK(all.find("X-Request-Id") == std::string::npos);
  CHECK(all.find("Content-Type: application/octet-stream") != std::string::npos);
}
