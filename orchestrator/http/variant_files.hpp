#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/http/services.hpp"
#include "orchestrator/store/videos.hpp"

/// What was made anew of a film's picture, to be answered from.
namespace carrel::http {

struct VariantFiles {
  UniqueFd media, index;
};

/// For playlists of a whole film: names beside their indexes.
struct VariantIndexes {
  std::vector<std::string> names;
  std::vector<UniqueFd> indexes;
};

/// Some are ready: a film that does not play as it is plays by them.
[[nodiscard]] bool has_variants(const Services& services, const store::VideoRow& video);

/// ErrorKind::not_found: there is none of that name. ErrorKind::busy: not now.
boost::asio::awaitable<Result<VariantFiles>> open_variant(Services& services, store::VideoRow video,
                                                          std::string name);

/// Of all that are ready, or of the one of that name; one that cannot be opened is left out.
/// ErrorKind::busy: not now.
boost::asio::awaitable<Result<VariantIndexes>> open_variants(Services& services, store::VideoRow video,
                                                             std::string only);

/// A streamer calls the index of one damaged.
void variant_damaged(Services& services, const std::string& video, const std::string& name);

}  // namespace carrel::http
