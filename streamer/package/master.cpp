#include <algorithm>
#include <set>
#include <vector>

#include "streamer/package/iframes.hpp"
#include "streamer/package/media_tags.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/playlist_type.hpp"
#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

void add_codec(std::string& list, const std::string& codec) {
  if (("," + list + ",").find("," + codec + ",") != std::string::npos) return;
  if (!list.empty()) list += ',';
  list += codec;
}

void write_size(TagWriter& tag, const Rendition& picture) {
  tag.plain("RESOLUTION", std::to_string(picture.shown_width) + "x" + std::to_string(picture.shown_height));
}

/// As HLS counts it.
Bandwidth counted(const IndexView& index, const Rendition& one) {
  return {peak_rate(one.segments, one.timescale, target_duration(index, one)), one.bandwidth.average};
}

void write_variant(std::string& text, const IndexView& index, const Rendition& picture,
                   const SoundGroup* sounds, bool with_texts) {
  Bandwidth own = counted(index, picture), sound;
  std::string codecs;
  add_codec(codecs, picture.codec_string);
  if (sounds != nullptr) {
    for (const Rendition& one : sounds->members) {
      const Bandwidth rate = counted(index, one);
      sound.peak = std::max(sound.peak, rate.peak);
      sound.average = std::max(sound.average, rate.average);
      add_codec(codecs, one.codec_string);
    }
  }
  {
    TagWriter tag(text, "EXT-X-STREAM-INF");
    tag.number("BANDWIDTH", own.peak + sound.peak)
        .number("AVERAGE-BANDWIDTH", own.average + sound.average)
        .quoted("CODECS", codecs);
    write_size(tag, picture);
    tag.plain("FRAME-RATE", decimal_seconds(milliframes(picture), 1000, 3));
    tag.plain("VIDEO-RANGE", video_range(picture));
    if (sounds != nullptr) tag.quoted("AUDIO", sounds->id);
    if (with_texts) tag.quoted("SUBTITLES", kTexts);
  }
  text += picture.path + "playlist.m3u8\n";
}

void write_iframe_variant(std::string& text, const Rendition& picture) {
  const auto frames = iframes_of(picture);
  if (frames.empty()) return;
  const Bandwidth rate = bandwidth_of(frames, picture.timescale);
  TagWriter tag(text, "EXT-X-I-FRAME-STREAM-INF");
  tag.number("BANDWIDTH", rate.peak)
      .number("AVERAGE-BANDWIDTH", rate.average)
      .quoted("CODECS", picture.codec_string);
  write_size(tag, picture);
  tag.plain("VIDEO-RANGE", video_range(picture)).quoted("URI", picture.path + "iframes.m3u8");
}

/// Without a picture every sound is a variant, the default one first: it is what a player begins with.
void write_sound_variants(std::string& text, const IndexView& index, const Offer& offer) {
  std::set<std::string> written;
  for (const SoundGroup& group : offer.sounds) {
    std::vector<Rendition> members = group.members;
    std::ranges::rotate(members, members.begin() + static_cast<std::ptrdiff_t>(offer.chosen_sound));
    for (const Rendition& one : members) {
      if (!written.insert(one.path).second) continue;
      {
        TagWriter tag(text, "EXT-X-STREAM-INF");
        const Bandwidth rate = counted(index, one);
        tag.number("BANDWIDTH", rate.peak).number("AVERAGE-BANDWIDTH", rate.average);
        tag.quoted("CODECS", one.codec_string);
        if (!offer.texts.empty()) tag.quoted("SUBTITLES", kTexts);
      }
      text += one.path + "playlist.m3u8\n";
    }
  }
}

/// Group by group, so that the first of each kind of player's choice are the qualities of one group.
void write_pictures(std::string& text, const IndexView& index, const Offer& offer) {
  const bool with_texts = !offer.texts.empty();
  if (offer.sounds.empty())
    for (const Rendition& picture : offer.pictures) write_variant(text, index, picture, nullptr, with_texts);
  for (const SoundGroup& group : offer.sounds)
    for (const Rendition& picture : offer.pictures) write_variant(text, index, picture, &group, with_texts);
  for (const Rendition& picture : offer.pictures) write_iframe_variant(text, picture);
}

}  // namespace

Result<Packaged> package_master(const WholeFilm& film) {
  const auto offer = offer_of(film, Pauses::kept);
  if (!offer) return offer.error();
  std::string text = "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(kFragmentedVersion) + "\n";
  if (std::ranges::all_of(offer->pictures, &Rendition::independent)) text += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  if (!offer->pictures.empty())
    for (const SoundGroup& group : offer->sounds) write_sounds(text, group, offer->chosen_sound);
  write_texts(text, offer->texts);
  if (offer->pictures.empty()) {
    write_sound_variants(text, film.index, *offer);
  } else {
    write_pictures(text, film.index, *offer);
  }
  Packaged packaged{kPlaylistType, {}, tag_of(film.variants)};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
