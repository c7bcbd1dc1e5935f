#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streamer/protocol/message.hpp"

namespace carrel::streamer {

/// What identifies the bytes that an answer is made from.
struct FilmFacts {
  std::uint64_t size = 0;       ///< bytes
  std::int64_t mtime_ns = 0;    ///< since 1970
  std::uint32_t packaging = 0;  ///< version of the rules that make HLS resources; unused for the original
};

/// RFC 9110 section 8.8: what a client may compare.
struct Validators {
  std::string etag;  ///< strong, opaque part without quotes
  std::optional<std::int64_t>
      last_modified;  ///< Unix seconds; absent where it would not be a strong validator
};

/// Of the resource that `request` names. The original's tag comes from size and time of the film; those of
/// HLS resources from the packaging version and the resource as well. Last-Modified is given for the original
/// only (a playlist changes with the packaging while the film does not), and only once the second it names is
/// over, so that no client ever holds one that two different films could share (section 8.8.2.2).
[[nodiscard]] Validators validators_of(const protocol::Serve& request, const FilmFacts& film);

}  // namespace carrel::streamer
