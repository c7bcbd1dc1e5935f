#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/package/package.hpp"
#include "streamer/protocol/message.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/respond/validators.hpp"

/// Plans whole HTTP answers (RFC 9110 sections 13, 14 and 15). Pure: the bytes depend on the arguments alone,
/// so that another sandbox can end an answer that this one began.
namespace carrel::streamer {

struct Answer {
  std::uint16_t status = 0;
  Pieces pieces;                                            ///< header included; `skip` is not applied
  protocol::Outcome outcome = protocol::Outcome::complete;  ///< of the request once every byte is sent
  std::string detail;                                       ///< for Done; empty when complete
  std::uint32_t bad_variants = 0;                           ///< likewise
};

/// The film's own bytes, but for `hvc1` at the places of `marks` (ascending, each four bytes inside the
/// film); request.resource is `original`.
[[nodiscard]] Answer plan_original(const protocol::Serve& request, const FilmFacts& film,
                                   const std::vector<std::uint64_t>& marks = {});

/// An HLS resource. `packaged` failed: 404 for not_found, 503 for an index that is invalid or names bytes
/// that the film does not have, 500 with `Connection: close` for the rest.
[[nodiscard]] Answer plan_packaged(const protocol::Serve& request, const FilmFacts& film,
                                   Result<Packaged> packaged);

}  // namespace carrel::streamer
