#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "streamer/package/offer.hpp"

/// EXT-X-MEDIA of master playlists.
namespace carrel::streamer {

inline constexpr const char* kTexts = "subs";  ///< the group of all subtitles

void write_sounds(std::string& text, const SoundGroup& group, std::size_t chosen_sound);
void write_texts(std::string& text, const std::vector<Rendition>& texts);

}  // namespace carrel::streamer
