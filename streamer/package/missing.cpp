#include "streamer/package/missing.hpp"

namespace carrel::streamer {

Error no_track(std::uint32_t track) {
  return make_error(ErrorKind::not_found, "the film has no playable track " + std::to_string(track) +
                                              "; the master playlist names those it has");
}

Error no_segment(std::uint32_t track, std::uint32_t segment) {
  return make_error(ErrorKind::not_found, "track " + std::to_string(track) + " has no segment " +
                                              std::to_string(segment) + "; its playlist names those it has");
}

}  // namespace carrel::streamer
