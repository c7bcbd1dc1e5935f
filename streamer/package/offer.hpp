#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "streamer/package/rendition.hpp"

namespace carrel::streamer {

/// A picture that was made anew of the film's, with an index of its own on the film's timeline.
struct Variant {
  std::string name;  ///< in URLs
  std::shared_ptr<const IndexView> index;
};

/// What the playlists of a whole film are made from.
struct WholeFilm {
  const IndexView& index;
  std::vector<Variant> variants;
  std::uint32_t plays = 0;  ///< protocol::Serve::plays
};

/// Every sound of the film in one form each: a player stays inside one group.
struct SoundGroup {
  std::string id;
  std::vector<Rendition> members;  ///< the same sounds in the same order in every group
};

struct Offer {
  std::vector<Rendition> pictures;  ///< what a player should begin with comes first
  std::vector<SoundGroup> sounds;   ///< likewise; empty: there is none
  std::vector<Rendition> texts;
  std::size_t chosen_sound = 0;  ///< the default member
};

/// Sound with pauses, for a client that has not said what it plays. Those with Media Source Extensions need
/// them filled.
enum class Pauses : std::uint8_t { kept, filled };

/// What is offered to a client that plays `film.plays`; to one of which that is not known everything, as the
/// film has it first. ErrorKind::not_found: nothing that could be played, with the reason.
[[nodiscard]] Result<Offer> offer_of(const WholeFilm& film, Pauses unless_known);

/// The subtitles that are text.
[[nodiscard]] std::vector<Rendition> texts_of(const IndexView& index);

/// Changes with the variants' media: a playlist names their sizes.
[[nodiscard]] std::string tag_of(const std::vector<Variant>& variants);

/// What a person reads of each, which is different for each: its title, or its language, or a number.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Rendition>& renditions, const char* kind);

}  // namespace carrel::streamer
