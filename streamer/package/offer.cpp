#include "streamer/package/offer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "streamer/protocol/plays.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {
namespace {

using protocol::Form;
using protocol::Plays;

std::optional<Plays> needed_for(Codec codec) {
  switch (codec) {
    case Codec::h264: return Plays::h264;
    case Codec::hevc: return Plays::hevc;
    case Codec::av1: return Plays::av1;
    case Codec::vp8: return Plays::vp8;
    case Codec::vp9: return Plays::vp9;
    case Codec::aac: return Plays::aac;
    case Codec::mp3: return Plays::mp3;
    case Codec::opus: return Plays::opus;
    case Codec::flac: return Plays::flac;
    case Codec::ac3: return Plays::ac3;
    case Codec::eac3: return Plays::eac3;
    case Codec::alac: return Plays::alac;
    case Codec::dts: return Plays::dts;
    case Codec::other: break;
  }
  return std::nullopt;
}

/// What a client plays, where it has said so.
class Client {
 public:
  Client(std::uint32_t plays, Pauses unless_known)
      : plays_(plays & protocol::kPlaysAll), fills_pauses_(known() || unless_known == Pauses::filled) {}
  [[nodiscard]] bool known() const { return plays_ != 0; }
  /// A browser, whose playing depends on there being sound all the time.
  [[nodiscard]] bool fills_pauses() const { return fills_pauses_; }
  [[nodiscard]] bool may_play(Codec codec) const {
    const auto needed = needed_for(codec);
    return !known() || (needed && (plays_ & protocol::bit_of(*needed)) != 0);
  }
  [[nodiscard]] bool may_play(const Rendition& one) const {
    return may_play(one.codec) &&
           (!known() || one.codec != Codec::aac || protocol::is_usual_aac(one.codec_string));
  }

 private:
  std::uint32_t plays_;
  bool fills_pauses_;
};

/// The forms in which one sound is to be had.
struct Sound {
  std::optional<Rendition> source, stereo, surround;
  bool has_pauses = false;
};

Result<Sound> sound_of(const IndexView& index, std::uint32_t number, const Client& client) {
  Sound sound;
  const IndexView::Track& track = index.tracks()[number];
  if (track.info.playable()) sound.source = source_rendition(track, number);
  // To know costs a look at each sample.
  if (sound.source && client.fills_pauses())
    sound.has_pauses = leaves_picture_alone(index, track) || has_gaps(track);
  for (const Form form : aac_forms(track)) {
    auto made = aac_rendition(index, number, form);
    if (!made && made.error().kind == ErrorKind::not_found) continue;
    if (!made) return made.error();
    (form == Form::aac_stereo ? sound.stereo : sound.surround) = std::move(*made);
  }
  return sound;
}

Result<std::vector<Sound>> sounds_of(const IndexView& index, const Client& client) {
  std::vector<Sound> sounds;
  for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
    if (index.tracks()[i].info.kind != MediaKind::audio) continue;
    auto sound = sound_of(index, i, client);
    if (!sound) return sound.error();
    if (sound->source || sound->stereo) sounds.push_back(std::move(*sound));
  }
  return sounds;
}

const Rendition& first_of(std::initializer_list<const std::optional<Rendition>*> wished) {
  const auto found =
      std::ranges::find_if(wished, [](const std::optional<Rendition>* one) { return one->has_value(); });
  return **(found == wished.end() ? *(wished.end() - 1) : *found);
}

/// What is made has silence where the film has none.
bool needs_silence(const Sound& sound, const Client& client) {
  return sound.has_pauses && sound.stereo && client.may_play(Codec::aac);
}

/// The sound in the form of a group. What is usual AAC, or plays for certain, is not made into AAC else.
const Rendition& member_of(const Sound& sound, Form group, const Client& client) {
  const bool kept =
      sound.source && client.may_play(*sound.source) &&
      (group == Form::source || client.known() || protocol::is_usual_aac(sound.source->codec_string)) &&
      !needs_silence(sound, client);
  if (kept) return *sound.source;
  if (group == Form::aac_stereo) return first_of({&sound.stereo, &sound.source});
  return first_of({&sound.surround, &sound.stereo, &sound.source});
}

bool same_members(const SoundGroup& a, const SoundGroup& b) {
  return std::ranges::equal(a.members, b.members, {}, &Rendition::path, &Rendition::path);
}

std::vector<SoundGroup> groups_of(const std::vector<Sound>& sounds, const Client& client) {
  std::vector<SoundGroup> groups;
  if (sounds.empty()) return groups;
  struct {
    const char* id;
    Form form;
  } const wished[] = {{"audio", Form::source}, {"aac6", Form::aac_surround}, {"aac2", Form::aac_stereo}};
  const bool surround =
      std::ranges::any_of(sounds, [](const Sound& sound) { return sound.surround.has_value(); });
  for (const auto& [id, form] : wished) {
    if (form == Form::aac_surround && !surround) continue;
    SoundGroup group{id, {}};
    for (const Sound& sound : sounds) group.members.push_back(member_of(sound, form, client));
    const bool known =
        std::ranges::any_of(groups, [&](const SoundGroup& other) { return same_members(group, other); });
    if (!known) groups.push_back(std::move(group));
  }
  return groups;
}

/// Of several pictures of a film (angles, mostly) the default one: a player would take them for qualities.
std::optional<std::uint32_t> main_picture(const IndexView& index) {
  std::optional<std::uint32_t> found;
  for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
    const TrackInfo& info = index.tracks()[i].info;
    if (info.kind != MediaKind::video || !info.playable()) continue;
    if (!found || (info.is_default && !index.tracks()[*found].info.is_default)) found = i;
  }
  return found;
}

std::vector<Rendition> pictures_of(const WholeFilm& film, const Client& client) {
  std::vector<Rendition> pictures;
  const auto own = main_picture(film.index);
  if (own && (film.plays & protocol::kVariantsOnly) == 0)
    pictures.push_back(source_rendition(film.index.tracks()[*own], *own));
  for (const Variant& variant : film.variants) {
    const IndexView::Track* track = variant.index->playable_track(0);
    if (track != nullptr && track->info.kind == MediaKind::video)
      pictures.push_back(source_rendition(*track, 0, "v/" + variant.name + "/"));
  }
  const auto plays = [&](const Rendition& one) { return client.may_play(one); };
  if (std::ranges::any_of(pictures, plays)) std::erase_if(pictures, std::not_fn(plays));
  return pictures;
}

std::size_t default_position(const std::vector<Rendition>& renditions) {
  const auto marked = std::ranges::find_if(renditions, &Rendition::is_default);
  return marked == renditions.end() ? 0 : static_cast<std::size_t>(marked - renditions.begin());
}

bool has_picture(const IndexView& index) {
  return std::ranges::any_of(index.tracks(), [](const IndexView::Track& track) {
    return track.info.use == TrackUse::convert ||
           (track.info.kind == MediaKind::video && track.info.playable());
  });
}

}  // namespace

Result<Offer> offer_of(const WholeFilm& film, Pauses unless_known) {
  const Client client(film.plays, unless_known);
  auto sounds = sounds_of(film.index, client);
  if (!sounds) return sounds.error();
  Offer offer;
  offer.pictures = pictures_of(film, client);
  offer.sounds = groups_of(*sounds, client);
  offer.texts = texts_of(film.index);
  if (!offer.sounds.empty()) offer.chosen_sound = default_position(offer.sounds.front().members);
  // A film with a picture is not offered as sound alone.
  if (offer.pictures.empty() && (offer.sounds.empty() || has_picture(film.index)))
    return make_error(ErrorKind::not_found,
                      film.index.problem().empty() ? "the film has nothing to play" : film.index.problem());
  return offer;
}

std::vector<Rendition> texts_of(const IndexView& index) {
  std::vector<Rendition> texts;
  for (std::uint32_t i = 0; i < index.tracks().size(); ++i) {
    const IndexView::Track& track = index.tracks()[i];
    if (track.info.kind == MediaKind::subtitle && track.info.use == TrackUse::cues)
      texts.push_back(text_rendition(track, i));
  }
  return texts;
}

std::string tag_of(const std::vector<Variant>& variants) {
  std::string tag;
  for (const Variant& variant : variants) {
    if (!tag.empty()) tag += '-';
    tag += std::to_string(variant.index->film_bytes()) + "." + std::to_string(variant.index->film_mtime_ns());
  }
  return tag;
}

std::vector<std::string> names_of(const std::vector<Rendition>& renditions, const char* kind) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Rendition& one : renditions) {
    const std::string number = std::to_string(names.size() + 1);
    std::string name = one.title.empty() ? one.language : one.title;
    if (name.empty()) name = std::string(kind) + " " + number;
    while (!taken.insert(name).second) name += " (" + number + ")";
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace carrel::streamer
