#include <doctest/doctest.h>

#include "streamer/package/offer.hpp"
#include "streamer/protocol/plays.hpp"
#include "tests/unit/media/index_file.hpp"

using namespace carrel;
using namespace carrel::streamer;
using namespace carrel::streamer::testing;
using protocol::Plays;

TEST_CASE("AAC that browsers refuse is made into AAC-LC") {
  FilmIndex film = small_film();
  const auto paths = [&](const char* codec, std::uint32_t plays) {
    film.tracks[1].info.codec_string = codec;
    const auto view = view_of(film);
    std::vector<std::string> found;
    for (const SoundGroup& group : offer_of({*view, {}, plays}, Pauses::kept).value().sounds)
      found.push_back(group.members.at(0).path);
    return found;
  };
  const std::uint32_t browser = protocol::bit_of(Plays::h264) | protocol::bit_of(Plays::aac);
  const std::vector<std::string> own{"1/"}, made{"1/aac2/"}, both{"1/", "1/aac2/"};
  for (const char* usual : {"mp4a.40.2", "mp4a.40.5", "mp4a.40.29"}) {
    CHECK(paths(usual, 0) == own);
    CHECK(paths(usual, browser) == own);
  }
  for (const char* other : {"mp4a.40.1", "mp4a.40.4"}) {  // Main, LTP
    CHECK(paths(other, 0) == both);
    CHECK(paths(other, browser) == made);
  }
  CHECK(paths("mp4a.40.42", browser) == own);  // xHE-AAC, which is not decoded here
}
