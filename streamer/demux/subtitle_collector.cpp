#include "streamer/demux/subtitle_collector.hpp"

#include <algorithm>

#include "streamer/demux/codec_names.hpp"
#include "streamer/subtitles/ass.hpp"
#include "streamer/subtitles/boxed_webvtt.hpp"
#include "streamer/subtitles/detect_charset.hpp"
#include "streamer/subtitles/kind.hpp"
#include "streamer/subtitles/subrip.hpp"
#include "streamer/subtitles/utf8.hpp"
#include "streamer/subtitles/vobsub.hpp"
#include "streamer/subtitles/webvtt.hpp"

namespace carrel::streamer {
namespace {

using namespace subtitles;

constexpr std::int64_t kLongestOpen = 10'000'000;    // µs that a text without a duration is shown
constexpr std::size_t kMostTextPacket = 256 * 1024;  // ASS drawings are long
constexpr std::size_t kMostExtradata = 64U << 20;
constexpr std::size_t kMostPictures = 200'000;
constexpr std::size_t kMostVobSub = 65'535;  // a subpicture unit says its size in 16 bits
constexpr std::size_t kIdxLine = 64;

std::string_view side_data(const AVPacket& packet, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, type, &size);
  return data == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

/// Matroska's own kind of WebVTT keeps a cue's settings in the first line of an addition of id 1.
std::string webvtt_settings(const AVPacket& packet) {
  constexpr std::size_t id_bytes = 8;
  std::string_view found = side_data(packet, AV_PKT_DATA_WEBVTT_SETTINGS);
  const std::string_view addition = side_data(packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL);
  if (found.empty() && addition.size() > id_bytes) found = addition.substr(id_bytes);
  return clean_settings(clean_utf8(found.substr(0, found.find_first_of("\r\n"))));
}

}  // namespace

std::unique_ptr<SubtitleCollector> SubtitleCollector::make(const AVStream& stream, FilmWindow& film) {
  const auto of = [&](Kind kind) {
    return std::unique_ptr<SubtitleCollector>(new SubtitleCollector(kind, stream, film));
  };
  if (stream.codecpar->codec_tag == kBoxedWebVtt) return of(Kind::boxed_webvtt);
  switch (stream.codecpar->codec_id) {
    case AV_CODEC_ID_SUBRIP:
    case AV_CODEC_ID_TEXT: return of(Kind::subrip);
    case AV_CODEC_ID_ASS:
    case AV_CODEC_ID_SSA: return of(Kind::ass);
    case AV_CODEC_ID_WEBVTT: return of(Kind::webvtt);
    case AV_CODEC_ID_MOV_TEXT: return of(Kind::timed_text);
    case AV_CODEC_ID_HDMV_PGS_SUBTITLE: return of(Kind::pgs);
    case AV_CODEC_ID_DVD_SUBTITLE: return of(Kind::vobsub);
    default: return nullptr;
  }
}

SubtitleCollector::SubtitleCollector(Kind kind, const AVStream& stream, FilmWindow& film)
    : kind_(kind), unit_(stream.time_base), locator_(film) {
  const AVCodecParameters& codec = *stream.codecpar;
  if (codec.extradata_size > 0 && static_cast<std::size_t>(codec.extradata_size) <= kMostExtradata)
    extradata_.assign(reinterpret_cast<const char*>(codec.extradata),
                      static_cast<std::size_t>(codec.extradata_size));
  width_ = static_cast<std::uint32_t>(std::max(codec.width, 0));
  height_ = static_cast<std::uint32_t>(std::max(codec.height, 0));
  constexpr int described = AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_CAPTIONS;
  forced_ = (stream.disposition & AV_DISPOSITION_FORCED) != 0;
  hearing_impaired_ = (stream.disposition & described) != 0;
  if (kind_ == Kind::timed_text) {
    tx3g_ = tx3g_defaults(extradata_);
    forced_ = forced_ || tx3g_.all_forced;
  }
}

std::string_view SubtitleCollector::name() const {
  switch (kind_) {
    case Kind::subrip: return kSubRip;
    case Kind::ass: return kAss;
    case Kind::webvtt:
    case Kind::boxed_webvtt: return kWebVtt;
    case Kind::timed_text: return kTimedText;
    case Kind::pgs: return kPgs;
    case Kind::vobsub: return kVobSub;
  }
  return kSubRip;
}

std::int64_t SubtitleCollector::microseconds(std::int64_t units) const {
  return av_rescale_q(units, unit_, AVRational{1, AV_TIME_BASE});
}

void SubtitleCollector::take(const AVPacket& packet) {
  if (packet.size <= 0 || packet.pts == AV_NOPTS_VALUE) return;
  if (!side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO).empty()) return;
  const std::string_view bytes(reinterpret_cast<const char*>(packet.data),
                               static_cast<std::size_t>(packet.size));
  if (is_text()) {
    take_text(packet, bytes.substr(0, kMostTextPacket));
  } else {
    take_picture(packet, bytes);
  }
}

void SubtitleCollector::take_text(const AVPacket& packet, std::string_view bytes) {
  if (texts_.size() == kMaxCues) return;
  TimedText text;
  text.start_us = microseconds(packet.pts);
  std::int64_t end = 0;
  const bool ends = packet.duration > 0 && !__builtin_add_overflow(packet.pts, packet.duration, &end);
  text.end_us = ends ? microseconds(end) : text.start_us - 1;
  if (kind_ == Kind::boxed_webvtt) return take_boxed(text, bytes);
  if (kind_ == Kind::timed_text) {
    text.text = tx3g_payload(bytes, tx3g_);
    text.settings = settings_of({tx3g_.keypad, {}}, 1);
  } else if (kind_ == Kind::webvtt) {
    text.text = clean_payload(clean_utf8(bytes));
    text.settings = webvtt_settings(packet);
  } else if (kind_ == Kind::subrip) {
    std::tie(text.text, text.settings) = subrip_payload(clean_utf8(bytes));
  } else {
    // Kept as they are: converted when all is known that the head says.
    lines_.push_back({text.start_us, text.end_us, clean_utf8(bytes)});
    kept_bytes_ += bytes.size() + sizeof lines_.back();
  }
  kept_bytes_ += text.text.size() + text.settings.size() + sizeof text;
  texts_.push_back(std::move(text));
}

void SubtitleCollector::take_boxed(const TimedText& times, std::string_view bytes) {
  for (TimedText& cue : boxed_cues(bytes)) {
    cue.start_us = times.start_us;
    cue.end_us = times.end_us;
    kept_bytes_ += cue.text.size() + cue.settings.size() + sizeof cue;
    if (texts_.size() < kMaxCues) append_boxed(texts_, std::move(cue));
  }
}

void SubtitleCollector::take_picture(const AVPacket& packet, std::string_view bytes) {
  if (pictures_.size() == kMostPictures) return;
  Picture picture;
  picture.us = microseconds(packet.pts);
  picture.bytes = bytes.size();
  if (kind_ == Kind::pgs) picture.segments = pgs_segments(bytes);
  if (kind_ == Kind::vobsub && (bytes.size() < 4 || bytes.size() > kMostVobSub)) return;
  const auto found = locator_.find(packet.pos, std::as_bytes(std::span(bytes)));
  if (found) {
    picture.source = *found;
  } else {
    picture.source = std::string(bytes);
    kept_bytes_ += bytes.size();
  }
  kept_bytes_ += sizeof picture + picture.segments.size() * sizeof(PgsSegment);
  pictures_.push_back(std::move(picture));
}

/// A text that does not say how long it is shown goes with the next that begins later. Backwards, so that
/// many of one beginning are each looked at once: `later` has the beginnings still to be met, the nearest at
/// its end.
void SubtitleCollector::end_open_texts() {
  std::vector<std::int64_t> later;
  for (std::size_t i = texts_.size(); i-- > 0;) {
    TimedText& text = texts_[i];
    while (!later.empty() && later.back() <= text.start_us) later.pop_back();
    if (text.end_us < text.start_us) {
      text.end_us = text.start_us + kLongestOpen;
      if (!later.empty()) text.end_us = std::min(text.end_us, later.back());
      if (kind_ == Kind::ass) lines_[i].end_us = text.end_us;
    }
    later.push_back(text.start_us);
  }
}

void SubtitleCollector::store(FilmIndex::Track& track, std::int64_t origin_us) {
  track.info.forced = forced_;
  track.info.hearing_impaired = hearing_impaired_;
  track.info.codec_string = name();
  track.info.use = TrackUse::none;
  if (kind_ == Kind::pgs) return store_pgs(track, origin_us);
  if (kind_ == Kind::vobsub) return store_vobsub(track, origin_us);
  end_open_texts();
  if (kind_ == Kind::ass) {
    const std::string head = text_from(extradata_, track.info.language);
    const AssScript script(head);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const auto event = parse_matroska_event(lines_[i].block);
      if (!event) continue;
      TimedText text = script.convert(event->event);
      text.start_us = texts_[i].start_us;
      text.end_us = texts_[i].end_us;
      texts_[i] = std::move(text);
    }
    Document document(track);
    if (!lines_.empty() && !document.add(ass_document(head, lines_, origin_us))) track.document.clear();
  }
  track.cues = place_cues(std::move(texts_), origin_us);
  if (!track.cues.empty()) track.info.use = TrackUse::cues;
  if (track.cues.empty()) track.document.clear();
}

bool SubtitleCollector::add_part(Document& document, const Picture& picture, std::size_t offset,
                                 std::size_t bytes) {
  if (const auto* at = std::get_if<std::uint64_t>(&picture.source))
    return document.add_film(*at + offset, static_cast<std::uint32_t>(bytes));
  return document.add(std::string_view(std::get<std::string>(picture.source)).substr(offset, bytes));
}

void SubtitleCollector::store_pgs(FilmIndex::Track& track, std::int64_t origin_us) const {
  Document document(track);
  bool room = true;
  for (const Picture& picture : pictures_) {
    const std::string header = sup_header(picture.us - origin_us);
    for (const PgsSegment& segment : picture.segments)
      room = room && document.add(header) && add_part(document, picture, segment.offset, segment.bytes);
  }
  if (!track.document.empty()) track.info.use = TrackUse::pictures;
}

void SubtitleCollector::store_vobsub(FilmIndex::Track& track, std::int64_t origin_us) const {
  std::string settings = extradata_;
  if (settings.find("size:") == std::string::npos && width_ > 0 && height_ > 0)
    settings = "size: " + std::to_string(width_) + "x" + std::to_string(height_) + "\n" + settings;
  Document document(track);
  VobSubIndex index(clean_utf8(settings), track.info.language);
  for (const Picture& picture : pictures_) {
    const std::int64_t us = picture.us - origin_us;
    if (us < 0) continue;
    const std::uint64_t position = document.bytes();
    bool whole = index.text().size() + kIdxLine <= kMaxConfigBytes;
    for (const VobSubPart& part : vobsub_packs(picture.bytes, us)) {
      if (!whole) break;
      whole = document.add(part.made);
      if (whole && part.picture_bytes > 0)
        whole = add_part(document, picture, part.picture_offset, part.picture_bytes);
    }
    if (!whole) break;
    index.add(us, position);
  }
  if (track.document.empty()) return;
  track.info.config = index.text();
  track.info.use = TrackUse::pictures;
}

}  // namespace carrel::streamer
