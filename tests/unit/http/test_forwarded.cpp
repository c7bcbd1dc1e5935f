#include <doctest/doctest.h>

#include <vector>

#include "orchestrator/http/forwarded.hpp"

using namespace carrel;
using namespace carrel::http;

namespace {

std::vector<config::Network> networks(std::initializer_list<const char*> texts) {
  std::vector<config::Network> result;
  for (const char* text : texts) result.push_back(config::parse_network(text).value());
  return result;
}

RequestHeaders headers(const char* forwarded_for, const char* proto = "", const char* host = "") {
  RequestHeaders result;
  result.host = "backend";
  result.forwarded_for = forwarded_for;
  result.forwarded_proto = proto;
  result.forwarded_host = host;
  return result;
}

}  // namespace

TEST_CASE("only a trusted proxy is believed") {
  const auto said = headers("203.0.113.9", "https", "films.example");
  const auto stranger = origin_of("192.0.2.1", false, said, networks({"10.0.0.0/8"}));
  CHECK_FALSE(stranger.proxied);
  CHECK(stranger.address == "192.0.2.1");
  CHECK(stranger.host == "backend");
  CHECK_FALSE(stranger.secure);
  const auto proxy = origin_of("10.1.2.3", false, said, networks({"10.0.0.0/8"}));
  CHECK(proxy.proxied);
  CHECK(proxy.address == "203.0.113.9");
  CHECK(proxy.host == "films.example");
  CHECK(proxy.secure);
  CHECK(origin_of("10.1.2.3", true, headers(""), networks({})).secure);
}

TEST_CASE("the client is the last one that no trusted proxy stands for") {
  const auto trusted = networks({"127.0.0.1", "10.0.0.0/8", "fd00::/8"});
  const auto address = [&](const char* line) {
    return origin_of("127.0.0.1", false, headers(line), trusted).address;
  };
  CHECK(address("1.1.1.1, 203.0.113.9") == "203.0.113.9");  // the first is what the client made up
  CHECK(address("1.1.1.1, 203.0.113.9, 10.0.0.7") == "203.0.113.9");
  CHECK(address("203.0.113.9:4711,10.0.0.7") == "203.0.113.9");
  CHECK(address("[2001:db8::1]:4711") == "2001:db8::1");
  CHECK(address("2001:db8::1, fd00::7") == "2001:db8::1");
  CHECK(address("10.0.0.8,10.0.0.7") == "10.0.0.8");
  CHECK(address("") == "127.0.0.1");
  CHECK(address("203.0.113.9, unknown") == "127.0.0.1");
  CHECK(address("203.0.113.9, 10.0.0.0/8") == "127.0.0.1");
  CHECK(address(",,,") == "127.0.0.1");
}

TEST_CASE("an address is one address however a proxy writes it") {
  const auto trusted = networks({"127.0.0.1"});
  CHECK(origin_of("127.0.0.1", false, headers("::ffff:203.0.113.5"), trusted).address == "203.0.113.5");
  CHECK(origin_of("127.0.0.1", false, headers("[2001:DB8:0::1]:80"), trusted).address == "2001:db8::1");
  CHECK(origin_of("127.0.0.1", false, headers("", "HTTPS"), trusted).secure);
}

TEST_CASE("a page is of its host, whatever the letters and the usual port") {
  CHECK(is_of_host("https://films.example", "films.example"));
  CHECK(is_of_host("https://films.example", "films.example:443"));
  CHECK(is_of_host("https://films.example:443", "Films.Example"));
  CHECK(is_of_host("http://films.example", "films.example:80"));
  CHECK(is_of_host("http://[::1]:8080", "[::1]:8080"));
  CHECK_FALSE(is_of_host("http://films.example", "films.example:443"));
  CHECK_FALSE(is_of_host("https://films.example:8443", "films.example"));
  CHECK_FALSE(is_of_host("https://films.example.evil", "films.example"));
  CHECK_FALSE(is_of_host("null", "null"));
}

TEST_CASE("the base path is taken off, and nothing that only begins like it") {
  const auto mounted = [](const char* path, const char* base) {
    Request request;
    request.path = path;
    mount(request, base);
    CHECK(request.base_path == base);
    return request.path;
  };
  CHECK(mounted("/carrel/api/v1/me", "/carrel") == "/api/v1/me");
  CHECK(mounted("/api/v1/me", "/carrel") == "/api/v1/me");  // the proxy took it off
  CHECK(mounted("/carrels/x", "/carrel") == "/carrels/x");
  CHECK(mounted("/carrel", "/carrel").empty());
  CHECK(mounted("/carrel/", "/carrel") == "/");
  CHECK(mounted("/x", "") == "/x");
}

TEST_CASE("a token is found below the base path too") {
  Request request;
  request.path = "/carrel/stream/film/t/abc/master.m3u8";
  mount(request, "/carrel");
  CHECK(request.path == "/stream/film/master.m3u8");
  CHECK(request.stream_token == "abc");
}
