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

/// What tells the resources of one film apart, in a few letters.
std::string resource_tag(const protocol::Serve& request) {
  if (request.resource == protocol::Resource::original) return "o";
  std::string tag = "r" + hex(static_cast<std::uint64_t>(request.resource)) + "-" + hex(request.track) + "-" +
                    hex(request.segment);
  if (request.form != protocol::Form::source) tag += "-f" + hex(static_cast<std::uint64_t>(request.form));
  if (request.plays != 0) tag += "-p" + hex(request.plays);
  for (const std::string& variant : request.variants) tag += "-v" + variant;
  return tag;
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
