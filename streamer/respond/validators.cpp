#include "streamer/respond/validators.hpp"

#include <array>
#include <charconv>

namespace carrel::streamer {
namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return {digits.data(), result.ptr};
}

std::string resource_tag(const protocol::Serve& request) {
  switch (request.resource) {
    case protocol::Resource::master: return std::string("m");
    case protocol::Resource::media_playlist: return std::string("p").append(hex(request.track));
    case protocol::Resource::init: return std::string("i").append(hex(request.track));
    case protocol::Resource::segment:
      return std::string("s").append(hex(request.track)).append("-").append(hex(request.segment));
    case protocol::Resource::original: break;
  }
  return std::string("o");
}

std::int64_t whole_seconds(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t truncated = nanoseconds / second;
  return nanoseconds % second < 0 ? truncated - 1 : truncated;
}

}  // namespace

Validators validators_of(const protocol::Serve& request, const FilmFacts& film) {
  Validators validators;
  validators.etag = hex(film.size) + "-" + hex(static_cast<std::uint64_t>(film.mtime_ns));
  if (request.resource != protocol::Resource::original) {
    validators.etag.append("-").append(hex(film.packaging)).append("-").append(resource_tag(request));
    return validators;
  }
  const std::int64_t modified = whole_seconds(film.mtime_ns);
  if (modified < request.date) {
    validators.last_modified = modified;
  }
  return validators;
}

}  // namespace carrel::streamer
