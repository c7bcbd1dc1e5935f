#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/tag.hpp"
#include "streamer/package/xml.hpp"

/// ISO/IEC 23009-1. Elements stand in the order of its schema.
namespace carrel::streamer {
namespace {

constexpr const char* kDashType = "application/dash+xml";
constexpr int kPresentationDigits = 6;

void write_descriptor(XmlWriter& xml, std::string_view element, std::string_view scheme,
                      std::string_view value) {
  xml.element(element).attribute("schemeIdUri", scheme).attribute("value", value);
}

void write_role(XmlWriter& xml, std::string_view role) {
  write_descriptor(xml, "Role", "urn:mpeg:dash:role:2011", role);
}

void write_timeline(XmlWriter& xml, const Rendition& one) {
  const auto list = xml.element("SegmentTimeline");
  const auto next_start = [&](std::size_t i) {
    return i + 1 < one.segments.size() ? one.segments[i + 1].presented : one.end();
  };
  for (std::size_t i = 0; i < one.segments.size();) {
    const std::uint64_t start = one.segments[i].presented;
    const std::uint64_t duration = next_start(i) - start;
    std::uint64_t more = 0;
    std::size_t next = i + 1;
    while (next < one.segments.size() && next_start(next) - one.segments[next].presented == duration) {
      ++next;
      ++more;
    }
    auto s = xml.element("S");
    if (i == 0) s.attribute("t", start);
    s.attribute("d", duration);
    if (more > 0) s.attribute("r", more);
    i = next;
  }
}

void write_segments(XmlWriter& xml, const Rendition& one) {
  xml.text_element("BaseURL", one.path);
  auto segments = xml.element("SegmentTemplate");
  segments.attribute("timescale", one.timescale).attribute("startNumber", 0);
  segments.attribute("initialization", "init.mp4").attribute("media", "$Number$.m4s");
  write_timeline(xml, one);
}

std::string id_of(const Rendition& one) {
  std::string id = one.path;
  std::ranges::replace(id, '/', '-');
  id.pop_back();
  return id;
}

/// As a fraction where its parts are small enough, else with decimals cut off.
std::string frame_rate(const Rendition& picture) {
  __extension__ typedef unsigned __int128 Wide;
  constexpr std::uint64_t most = 1'000'000'000;
  const std::uint64_t ticks = picture.ticks();
  const std::uint64_t shown = picture.frame_rate.shown;
  const std::uint64_t common = std::gcd(shown * picture.timescale, ticks);
  const Wide frames = Wide{shown} * picture.timescale;
  std::uint64_t above = milliframes(picture), below = 1000;
  const bool even = picture.frame_rate.highest_milliframes == 0;
  if (even && frames < most * most && common > 0 && frames / common < most && ticks / common < most) {
    above = static_cast<std::uint64_t>(frames / common);
    below = ticks / common;
  }
  const std::uint64_t reduced = std::max<std::uint64_t>(std::gcd(above, below), 1);
  const std::string number = std::to_string(above / reduced);
  return below / reduced == 1 ? number : number + "/" + std::to_string(below / reduced);
}

void write_colour(XmlWriter& xml, const Colour& colour) {
  if (!colour.present) return;
  const std::string scheme = "urn:mpeg:mpegB:cicp:";
  write_descriptor(xml, "SupplementalProperty", scheme + "ColourPrimaries", std::to_string(colour.primaries));
  write_descriptor(xml, "SupplementalProperty", scheme + "TransferCharacteristics",
                   std::to_string(colour.transfer));
  write_descriptor(xml, "SupplementalProperty", scheme + "MatrixCoefficients", std::to_string(colour.matrix));
}

void write_picture(XmlWriter& xml, const Rendition& one) {
  auto representation = xml.element("Representation");
  representation.attribute("id", id_of(one)).attribute("bandwidth", one.bandwidth.peak);
  representation.attribute("codecs", one.codec_string);
  representation.attribute("width", one.width).attribute("height", one.height);
  representation.attribute("sar", std::to_string(one.aspect_width) + ":" + std::to_string(one.aspect_height));
  representation.attribute("frameRate", frame_rate(one));
  write_segments(xml, one);
}

/// Whether segments of the two begin at the same times, so that a player may change at any of them.
bool aligned(const Rendition& a, const Rendition& b) {
  __extension__ typedef unsigned __int128 Wide;
  return std::ranges::equal(
      a.segments, b.segments, [&](const RenditionSegment& x, const RenditionSegment& y) {
        const Wide left = Wide{x.presented} * b.timescale, right = Wide{y.presented} * a.timescale;
        // Within the coarser of two ticks, which is what rounding leaves.
        return (left > right ? left - right : right - left) <= std::max(a.timescale, b.timescale);
      });
}

/// A player changes between the pictures of one set: those of one codec, which first letters tell.
void write_pictures(XmlWriter& xml, const std::vector<Rendition>& pictures) {
  std::vector<std::string> kinds;
  for (const Rendition& one : pictures) {
    const std::string kind = one.codec_string.substr(0, 4);
    if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
  }
  for (const std::string& kind : kinds) {
    std::vector<const Rendition*> members;
    for (const Rendition& one : pictures)
      if (one.codec_string.starts_with(kind)) members.push_back(&one);
    const bool all_aligned =
        std::ranges::all_of(members, [&](const Rendition* one) { return aligned(*members.front(), *one); });
    const bool independent =
        std::ranges::all_of(members, [](const Rendition* one) { return one->independent; });
    auto set = xml.element("AdaptationSet");
    set.attribute("contentType", "video").attribute("mimeType", "video/mp4");
    set.attribute("segmentAlignment", all_aligned ? "true" : "false");
    if (independent) set.attribute("startWithSAP", 1);
    write_colour(xml, members.front()->colour);
    write_role(xml, "main");
    for (const Rendition* one : members) write_picture(xml, *one);
  }
}

/// ISO/IEC 23091-3 configurations of the loudspeakers: the usual one of so many. Empty: there is none, and
/// players look into the sound itself.
std::optional<std::uint64_t> channel_configuration(std::uint16_t channels) {
  if (channels == 7) return 11;
  if (channels == 8) return 12;
  return channels <= 6 ? std::optional<std::uint64_t>(channels) : std::nullopt;
}

void write_sound(XmlWriter& xml, const Rendition& one, const std::string& name, bool chosen) {
  auto set = xml.element("AdaptationSet");
  set.attribute("contentType", "audio").attribute("mimeType", "audio/mp4");
  if (!one.language.empty()) set.attribute("lang", one.language);
  set.attribute("segmentAlignment", "true").attribute("startWithSAP", 1);
  xml.text_element("Label", name);
  write_role(xml, chosen ? "main" : "alternate");
  auto representation = xml.element("Representation");
  representation.attribute("id", id_of(one)).attribute("bandwidth", one.bandwidth.peak);
  representation.attribute("codecs", one.codec_string).attribute("audioSamplingRate", one.sample_rate);
  if (const auto speakers = channel_configuration(one.channels))
    write_descriptor(xml, "AudioChannelConfiguration", "urn:mpeg:mpegB:cicp:ChannelConfiguration",
                     std::to_string(*speakers));
  write_segments(xml, one);
}

void write_sounds(XmlWriter& xml, const Offer& offer) {
  std::set<std::string> written;
  for (const SoundGroup& group : offer.sounds) {
    const auto names = names_of(group.members, "Audio");
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      if (written.insert(group.members[i].path).second)
        write_sound(xml, group.members[i], names[i], i == offer.chosen_sound);
    }
  }
}

void write_texts(XmlWriter& xml, const std::vector<Rendition>& texts) {
  constexpr std::uint64_t nominal_bandwidth = 1000;  // the schema wants one
  const auto names = names_of(texts, "Subtitles");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Rendition& one = texts[i];
    auto set = xml.element("AdaptationSet");
    set.attribute("contentType", "text").attribute("mimeType", "text/vtt");
    if (!one.language.empty()) set.attribute("lang", one.language);
    xml.text_element("Label", names[i]);
    write_role(xml, one.forced ? "forced-subtitle" : one.hearing_impaired ? "caption" : "subtitle");
    if (one.is_default) write_role(xml, "main");
    auto representation = xml.element("Representation");
    representation.attribute("id", id_of(one)).attribute("bandwidth", nominal_bandwidth);
    xml.text_element("BaseURL", one.path + "subtitles.vtt");
  }
}

/// Of the longest rendition.
std::string duration_of(const Offer& offer) {
  std::uint64_t longest_us = 0;
  const auto count = [&](const Rendition& one) {
    __extension__ typedef unsigned __int128 Wide;
    longest_us =
        std::max(longest_us, static_cast<std::uint64_t>(Wide{one.end()} * 1'000'000 / one.timescale));
  };
  std::ranges::for_each(offer.pictures, count);
  for (const SoundGroup& group : offer.sounds) std::ranges::for_each(group.members, count);
  return "PT" + decimal_seconds(longest_us, 1'000'000, kPresentationDigits) + "S";
}

std::uint64_t longest_segment_seconds(const Offer& offer) {
  std::uint64_t longest = 1;
  const auto count = [&](const Rendition& one) {
    for (const RenditionSegment& segment : one.segments)
      longest = std::max(longest, (segment.duration + one.timescale - 1) / one.timescale);
  };
  std::ranges::for_each(offer.pictures, count);
  for (const SoundGroup& group : offer.sounds) std::ranges::for_each(group.members, count);
  return longest;
}

}  // namespace

Result<Packaged> package_dash(const WholeFilm& film) {
  const auto offer = offer_of(film, Pauses::filled);
  if (!offer) return offer.error();
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  XmlWriter xml(text);
  {
    auto mpd = xml.element("MPD");
    mpd.attribute("xmlns", "urn:mpeg:dash:schema:mpd:2011");
    mpd.attribute("profiles", "urn:mpeg:dash:profile:isoff-live:2011").attribute("type", "static");
    mpd.attribute("mediaPresentationDuration", duration_of(*offer));
    mpd.attribute("maxSegmentDuration", "PT" + std::to_string(longest_segment_seconds(*offer)) + "S");
    mpd.attribute("minBufferTime", "PT2S");
    auto period = xml.element("Period");
    period.attribute("id", "0").attribute("start", "PT0S");
    write_pictures(xml, offer->pictures);
    write_sounds(xml, *offer);
    write_texts(xml, offer->texts);
  }
  Packaged packaged{kDashType, {}, tag_of(film.variants)};
  packaged.body.emplace_back(std::move(text));
  return packaged;
}

}  // namespace carrel::streamer
