#include "streamer/package/media_tags.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "streamer/package/tag.hpp"

namespace carrel::streamer {
namespace {

constexpr const char* kDescribesSounds =
    "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound";

/// RFC 8216 section 4.3.4.1: what a player picks by itself differs in language and purpose.
class Automatic {
 public:
  bool pick(const Rendition& one) {
    return taken_.insert({one.language, one.forced, one.hearing_impaired}).second;
  }

 private:
  std::set<std::tuple<std::string, bool, bool>> taken_;
};

void write_media(std::string& text, const Rendition& one, const char* type, const std::string& group,
                 const std::string& name, bool is_default, bool automatic) {
  TagWriter tag(text, "EXT-X-MEDIA");
  tag.plain("TYPE", type).quoted("GROUP-ID", group).quoted("NAME", name);
  if (!one.language.empty()) tag.quoted("LANGUAGE", one.language);
  tag.plain("DEFAULT", is_default ? "YES" : "NO").plain("AUTOSELECT", is_default || automatic ? "YES" : "NO");
  if (one.kind == MediaKind::subtitle) tag.plain("FORCED", one.forced ? "YES" : "NO");
  if (one.hearing_impaired) tag.quoted("CHARACTERISTICS", kDescribesSounds);
  if (one.channels > 0) tag.quoted("CHANNELS", std::to_string(one.channels));
  tag.quoted("URI", one.path + "playlist.m3u8");
}

}  // namespace

void write_sounds(std::string& text, const SoundGroup& group, std::size_t chosen_sound) {
  const auto names = names_of(group.members, "Audio");
  Automatic automatic;
  automatic.pick(group.members[chosen_sound]);
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const Rendition& one = group.members[i];
    const bool chosen = i == chosen_sound;
    write_media(text, one, "AUDIO", group.id, names[i], chosen, !chosen && automatic.pick(one));
  }
}

void write_texts(std::string& text, const std::vector<Rendition>& texts) {
  const auto names = names_of(texts, "Subtitles");
  const auto marked = std::ranges::find_if(texts, &Rendition::is_default);
  Automatic automatic;
  if (marked != texts.end()) automatic.pick(*marked);
  for (auto one = texts.begin(); one != texts.end(); ++one) {
    const bool chosen = one == marked;
    write_media(text, *one, "SUBTITLES", kTexts, names[static_cast<std::size_t>(one - texts.begin())], chosen,
                !chosen && automatic.pick(*one));
  }
}

}  // namespace carrel::streamer
