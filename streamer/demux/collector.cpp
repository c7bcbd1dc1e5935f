#include "streamer/demux/collector.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "streamer/demux/bits.hpp"
#include "streamer/demux/codec_config.hpp"
#include "streamer/demux/configured_sets.hpp"
#include "streamer/demux/entries.hpp"
#include "streamer/demux/part_pieces.hpp"
#include "streamer/demux/sound_config.hpp"
#include "streamer/index/format.hpp"
#include "streamer/index/ticks.hpp"

namespace carrel::streamer {
namespace {

std::string side_data(const AVPacket& packet, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_packet_get_side_data(&packet, type, &size);
  return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

std::unique_ptr<Bitstream> bitstream_of(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO: return make_mpeg2();
    case AV_CODEC_ID_MPEG4: return make_mpeg4();
    default: return nullptr;
  }
}

constexpr std::size_t kMostLostOf = 16;
constexpr std::size_t kMany = 1U << 20;  // samples
constexpr const char* kChanges = "changes its parameters in the middle";
constexpr const char* kSoundChanges =
    "changes its channels or its rate in the middle; a part of it may not be heard rightly";

bool has_entry(const std::vector<RawSample>& samples, Entry entry) {
  return std::ranges::any_of(samples, [entry](const RawSample& sample) { return sample.entry == entry; });
}

/// The parameter sets that come with the samples are those to be used (ISO/IEC 14496-15: avc3, hev1).
bool send_sets_in_band(TrackInfo& info) {
  if (info.codec_string.size() < 4 || (info.codec != Codec::h264 && info.codec != Codec::hevc)) return false;
  info.codec_string.replace(0, 4, info.codec == Codec::h264 ? "avc3" : "hev1");
  return true;
}

/// Of TrueHD and MLP: format_sync behind the access unit's length and timing.
bool is_major_sync(Bytes unit) {
  constexpr std::uint32_t truehd = 0xf8726fba, mlp = 0xf8726fbb;
  BitReader bits(unit);
  bits.skip(32);
  const std::uint32_t sync = bits.bits(32);
  return !bits.overrun() && (sync == truehd || sync == mlp);
}

}  // namespace

Collector::Collector(DescribedTrack track, ScatterLocator locator)
    : track_(std::move(track)), locator_(std::move(locator)), descriptions_(track_.info.codec) {
  if (track_.use == TrackUse::remux) bitstream_ = make_bitstream(track_.info.codec, track_.info.config);
  if (track_.use == TrackUse::convert) bitstream_ = bitstream_of(static_cast<AVCodecID>(track_.info.decoder));
  framing_ = make_framing(track_.framing, track_.info.codec, track_.extradata);
  lengths_ = SoundLengths::make(track_.info);
  if (track_.dolby_vision_alone != 0)
    find("is Dolby Vision of profile " + std::to_string(track_.dolby_vision_alone) +
         ": its colours are right only in the original, on players that know Dolby Vision");
}

void Collector::decode_instead(std::string obstacle) {
  if (track_.use == TrackUse::remux) have_decoded(track_, std::move(obstacle));
}

void Collector::refuse(std::string why) {
  if (refused()) return;
  track_.refusal = std::move(why);
  samples_ = std::vector<RawSample>();
  pieces_ = {};
}

std::int64_t Collector::ticks(std::int64_t units) const {
  std::int64_t result = kNoTime;
  if (units == AV_NOPTS_VALUE || __builtin_mul_overflow(units, std::int64_t{track_.ticks_per_unit}, &result))
    return kNoTime;
  return result;
}

std::string Collector::why_unfit(const AVPacket& packet) const {
  if (static_cast<std::size_t>(packet.size) > kMaxSampleBytes) return "has a frame that is too large";
  if (!side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO).empty()) return "is encrypted";
  return {};
}

/// The sound's configuration where the first frame tells it, and what is not to be heard at both ends.
void Collector::meet_sound(const AVPacket& packet, Bytes bytes) {
  constexpr std::uint32_t most = 1U << 20;
  if (samples_.empty() && framing_ && track_.info.config.empty()) {
    const auto configured = configure_codec(track_.info, framing_->configuration());
    if (!configured) decode_instead("cannot be described: " + configured.error().message);
  }
  if (samples_.empty() && track_.use == TrackUse::remux && configured_by_frame(track_.info.codec)) {
    const auto configured = configure_by_frame(track_.info, bytes);
    if (!configured) decode_instead("cannot be described: " + configured.error().message);
  }
  const std::string skip = side_data(packet, AV_PKT_DATA_SKIP_SAMPLES);
  last_trailing_ = 0;
  if (skip.size() < 2 * sizeof(std::uint32_t)) return;
  std::array<std::uint32_t, 2> samples{};  // at the start and at the end, little endian
  std::memcpy(samples.data(), skip.data(), sizeof samples);
  if (samples_.empty()) track_.info.priming = std::min(samples[0], most);
  last_trailing_ = std::min(samples[1], most);
}

/// False: the packet is to be left out.
bool Collector::frame(Bytes bytes, std::optional<Framed>& framed) {
  if (!framing_) return true;
  framed = framing_->frame(bytes);
  if (framed) return true;
  if (track_.info.kind != MediaKind::audio || !samples_.empty()) return false;
  framing_.reset();
  decode_instead("is not framed in a way that can be sent");
  return true;
}

void Collector::lose_frame() {
  constexpr std::size_t grace = 16;
  if (++lost_ > grace && lost_ > samples_.size() / kMostLostOf)
    refuse("is stored in a way that its frames cannot be found again (compressed or rewritten)");
}

/// Writes the sample's pieces, where it is not one range of the film.
void Collector::place(RawSample& sample, Bytes bytes, std::span<const Run> runs,
                      const std::optional<Framed>& framed) {
  const std::size_t first = pieces_.count();
  pieces_.begin();
  if (framed) {
    add_parts(pieces_, framed->sets, bytes, runs);
    sample.set_bytes = bytes_in(framed->sets);
    sample.set_pieces = static_cast<std::uint32_t>(pieces_.count() - first);
    pieces_.begin();
    add_parts(pieces_, framed->parts, bytes, runs);
    sample.size = sample.set_bytes + bytes_in(framed->parts);
  } else {
    add_range(pieces_, 0, bytes.size(), bytes, runs);
    sample.size = static_cast<std::uint32_t>(bytes.size());
  }
  sample.offset = first;
  sample.scattered = true;
  if (pieces_.count() != first + 1) return;
  const PieceRecord only = pieces_[first];
  if ((only.offset & kPieceLiteral) != 0 || only.stride != 0) return;
  sample.offset = only.offset;
  sample.scattered = false;
  pieces_.shorten(first);
}

/// Adds the packet to the last sample.
void Collector::join(Bytes bytes, std::span<const Run> runs, const std::optional<Framed>& framed) {
  RawSample& last = samples_.back();
  if (!last.scattered) {
    pieces_.begin();
    const std::uint64_t offset = last.offset;
    last.offset = pieces_.count();
    last.scattered = true;
    pieces_.add_film(offset, last.size);
  }
  pieces_.begin();
  if (framed) {
    add_parts(pieces_, framed->parts, bytes, runs);
  } else {
    add_range(pieces_, 0, bytes.size(), bytes, runs);
  }
  const std::uint32_t size = framed ? bytes_in(framed->parts) : static_cast<std::uint32_t>(bytes.size());
  last.size += size;
  bytes_ += size;
}

/// MP4 has both fields of a picture in one sample (ISO/IEC 14496-15 section 5.3.2); streams have them apart.
/// Of TrueHD's access units, 1,200 a second, those from one that a decoder can begin at to the next are one
/// sample.
bool Collector::belongs_to_last(Bytes bytes, const std::optional<Framed>& framed) {
  constexpr unsigned most_units = 128;
  if (samples_.empty()) return false;
  const auto codec = static_cast<AVCodecID>(track_.info.decoder);
  if (codec == AV_CODEC_ID_TRUEHD || codec == AV_CODEC_ID_MLP) {
    const bool begins = is_major_sync(bytes) || ++units_ >= most_units;
    if (begins) units_ = 0;
    return !begins;
  }
  return framed && bitstream_ && bitstream_->is_second_field();
}

bool Collector::lacks_sets() const {
  return is_described_by_packets(track_) && track_.info.config.empty();
}

void Collector::meet_first_sets() {
  if (!lacks_sets() || !framing_ || !configure_codec(track_.info, framing_->configuration())) return;
  complete_picture(track_.info);
  bitstream_ = make_bitstream(track_.info.codec, track_.info.config);
}

void Collector::miss_beginning(const AVPacket& packet) {
  if (missed_from_ == kNoTime) missed_from_ = ticks(packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts);
}

/// A recording begins where its owner pressed the button; of less than a second nothing is said.
void Collector::tell_missed_beginning() {
  const RawSample& first = samples_.front();
  const std::int64_t at = first.dts != kNoTime ? first.dts : first.pts;
  std::int64_t missed = 0;
  if (missed_from_ == kNoTime || at == kNoTime || __builtin_sub_overflow(at, missed_from_, &missed)) return;
  if (missed >= track_.info.timescale)
    find("begins in the middle of a group of pictures; its first " +
         std::to_string(missed / track_.info.timescale) + " s, which cannot be shown, are left out");
}

void Collector::meet_order(RawSample& sample, const AVPacket& packet) {
  sample.shown = bitstream_ ? bitstream_->shown() : Shown::unknown;
  const Codec codec = track_.info.codec;
  const bool wanted = packet.pts == AV_NOPTS_VALUE || track_.may_lack_times;
  if (samples_.empty() && wanted && (codec == Codec::h264 || codec == Codec::hevc))
    order_ = PictureOrder::make(static_cast<AVCodecID>(track_.info.decoder), track_.extradata);
  if (order_) sample.order = order_->next(packet).value_or(kNoTime);
}

void Collector::take(const AVPacket& packet) {
  if (refused() || packet.size <= 0) return;
  std::string unfit = why_unfit(packet);
  if (!unfit.empty()) return refuse(std::move(unfit));
  const auto bytes =
      std::span(reinterpret_cast<const std::byte*>(packet.data), static_cast<std::size_t>(packet.size));
  const bool picture = track_.info.kind == MediaKind::video;
  const bool hidden = (packet.flags & AV_PKT_FLAG_DISCARD) != 0;
  // What is hidden in the middle has times before those of what was heard; only decoders would need it.
  if (!picture && hidden && !samples_.empty() && !samples_.back().hidden) return;
  std::optional<Framed> framed;
  if (!frame(bytes, framed)) return;
  if (!picture) meet_sound(packet, bytes);
  meet_configuration(packet);
  if (picture) meet_first_sets();

  RawSample sample;
  sample.hidden = hidden;
  sample.container_key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  sample.entry = !picture || sample.container_key ? Entry::sync : Entry::none;
  if (bitstream_ && framed) {
    const std::string content = bytes_of(framed->parts, bytes);
    sample.entry = bitstream_->classify(std::as_bytes(std::span(content)));
  } else if (bitstream_) {
    sample.entry = bitstream_->classify(bytes);
  }
  // As `ffmpeg -c copy`: pictures before the first that the container calls a key are of no use.
  const bool shows = !lacks_sets() && (sample.container_key || sample.entry == Entry::sync);
  if (picture && samples_.empty() && !shows) return miss_beginning(packet);
  const auto runs = locator_.locate(packet.pos, bytes);
  if (runs.empty()) return lose_frame();
  const std::int64_t duration = packet.duration > 0 ? std::max<std::int64_t>(ticks(packet.duration), 0) : 0;
  if (belongs_to_last(bytes, framed)) {
    join(bytes, runs, framed);
    if (!picture) last_duration_ += duration;
  } else {
    if (picture) meet_order(sample, packet);
    place(sample, bytes, runs, framed);
    if (lengths_) sample.length = lengths_->length_of(bytes);
    sample.pts = ticks(packet.pts);
    sample.dts = ticks(packet.dts);
    last_duration_ = duration;
    bytes_ += sample.size;
    // A vector that grows holds what it has twice, for which a worker has no memory when that is much.
    // One more than may be: who goes beyond is told so, and not ended for growing then.
    if (samples_.size() == kMany) samples_.reserve(kMaxIndexSamples + 1);
    samples_.push_back(sample);
    if (samples_.size() == 1) tell_missed_beginning();
  }
  if (samples_.back().size > kMaxSampleBytes) return refuse("has a frame that is too large");
  // Of what the film does not have as it is sent there may only be little.
  constexpr std::uint64_t some = 64 * 1024;
  if (pieces_.full() || pieces_.literal_bytes() > some + bytes_ / 8)
    refuse("is stored in a way that its frames cannot be found again (compressed or rewritten)");
}

/// A container with several descriptions of a track's samples tells where it goes from one to another.
void Collector::meet_configuration(const AVPacket& packet) {
  const std::string news = side_data(packet, AV_PKT_DATA_NEW_EXTRADATA);
  if (news.empty() || track_.use != TrackUse::remux) return;
  const bool unchanged = news == track_.extradata && !descriptions_.several();
  const bool followed = !framing_ && descriptions_.change(samples_.size(), track_.extradata, news);
  if (unchanged || followed) return;
  decode_instead(kChanges);
  if (track_.info.kind == MediaKind::audio && !refused()) find(kSoundChanges);
}

/// The first of a track's sample descriptions is in the init segment, the parameter sets of all with the
/// samples.
void Collector::follow_descriptions() {
  if (!send_sets_in_band(track_.info) || !descriptions_.put_before(samples_, pieces_))
    return decode_instead(kChanges);
  // libavformat tells the size of the last.
  const auto sequence = sequence_of(track_.info.codec, track_.info.config);
  if (!sequence) return;
  track_.info.width = sequence->width;
  track_.info.height = sequence->height;
}

/// A track that was framed anew is configured by what all of its packets told.
void Collector::settle_configuration() {
  if (bitstream_ && bitstream_->parameters_change() && !send_sets_in_band(track_.info))
    decode_instead(kChanges);
  if (descriptions_.several()) follow_descriptions();
  if (!framing_ || track_.info.kind != MediaKind::video) return;
  const auto configured = configure_codec(track_.info, framing_->configuration());
  if (!configured) return decode_instead("cannot be described: " + configured.error().message);
  if (framing_->changed() && framing_->other_pictures())
    find(
        "changes the size or the colour depth of its pictures in the middle; players may not show that part");
  if (framing_->changed()) return static_cast<void>(send_sets_in_band(track_.info));
  for (RawSample& sample : samples_) {
    sample.size -= sample.set_bytes;
    if (sample.scattered) sample.offset += sample.set_pieces;
  }
}

void Collector::finish() {
  if (refused()) return;
  if (samples_.empty())
    return refuse(lacks_sets() && missed_from_ != kNoTime
                      ? "cannot be described: its parameters are nowhere in the film"
                      : "has no frames");
  const TrackInfo& info = track_.info;
  if (track_.use == TrackUse::transcode && (info.sample_rate == 0 || info.channels == 0))
    return refuse("is damaged: nothing tells its sample rate or its channels");
  if (lost_ > samples_.size() / kMostLostOf && lost_ > 1)
    return refuse("is damaged: most of its frames are not there");
  if (lost_ > 0)
    findings_.push_back("lacks " + std::to_string(lost_) + " frames, which were not found in the file");
  if (track_.info.kind == MediaKind::audio) {
    if (track_.high_efficiency != 0 && track_.info.codec_string == "mp4a.40.2")
      track_.info.codec_string = "mp4a.40." + std::to_string(track_.high_efficiency);
    if (last_trailing_ > 0) track_.info.trailing = last_trailing_;
    if (framing_ && framing_->changed()) find(kSoundChanges);
    return;
  }
  settle_doubtful_entries(samples_);
  settle_configuration();
  if (has_entry(samples_, Entry::sync)) return;
  lacks_entries_ = true;
  if (track_.use == TrackUse::remux)
    findings_.emplace_back(
        "has no picture at which a player can begin without errors (open groups of pictures)");
  if (!has_entry(samples_, Entry::open)) {
    for (RawSample& sample : samples_)
      if (sample.container_key) sample.entry = Entry::open;
  }
  samples_.front().entry = Entry::sync;
}

void Collector::cut_at_open_entries() {
  if (track_.use != TrackUse::remux || lacks_entries_) return;
  findings_.emplace_back(
      "has few pictures at which a player can begin without errors; it may begin at others, and show errors "
      "for a moment (open groups of pictures)");
}

void Collector::drop_hidden_beginning() {
  constexpr std::uint32_t most_priming = 4096;  // of encoders, in samples
  constexpr std::ptrdiff_t needed = 1;          // frames before the first that is heard, by decoders
  const auto heard = std::ranges::find(samples_, false, &RawSample::hidden);
  TrackInfo& info = track_.info;
  // Others need more than one frame (Opus 80 ms).
  if (info.codec != Codec::aac) return;
  if (refused() || info.priming <= most_priming || heard - samples_.begin() <= needed) return;
  const auto first = heard - needed;
  if (first->pts == kNoTime || samples_.front().pts == kNoTime) return;
  const std::int64_t dropped = rescale(first->pts - samples_.front().pts, info.timescale, info.sample_rate);
  samples_.erase(samples_.begin(), first);
  info.priming -= static_cast<std::uint32_t>(std::clamp<std::int64_t>(dropped, 0, info.priming));
}

void Collector::complete(TrackInfo& info, double frames_per_second) const {
  // Of what was found unfit only later the codec's configuration stays as it is.
  const bool sent = track_.use == TrackUse::remux || track_.info.codec == Codec::other;
  if (bitstream_ && sent) bitstream_->complete(info, frames_per_second);
}

}  // namespace carrel::streamer
