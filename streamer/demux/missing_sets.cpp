#include "streamer/demux/missing_sets.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "streamer/demux/codec_names.hpp"
#include "streamer/demux/configured_sets.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostSampleBytes = 8 << 20;

/// Empty: the container does not tell where a sample is.
std::vector<std::byte> first_sync_sample(AVStream& stream, FilmReader& film) {
  const int count = avformat_index_get_entries_count(&stream);
  for (int i = 0; i < count; ++i) {
    const AVIndexEntry& entry = *avformat_index_get_entry(&stream, i);
    if ((entry.flags & AVINDEX_KEYFRAME) == 0 || entry.pos < 0 || entry.size <= 0) continue;
    std::vector<std::byte> sample(std::min(static_cast<std::size_t>(entry.size), kMostSampleBytes));
    sample.resize(film.read(static_cast<std::uint64_t>(entry.pos), sample));
    return sample;
  }
  return {};
}

/// The configuration with the sets of the sample; how long the lengths of NAL units are stays.
std::string with_sets(Codec codec, std::string config, Bytes sample) {
  const std::size_t length_at = codec == Codec::hevc ? 21 : 4;
  const auto length_bits = static_cast<unsigned char>(config[length_at]) & 3U;
  InBandSets sets(codec);
  NalReader nals(sample, length_bits + 1);
  while (const auto nal = nals.next())
    if (sets.is_set(*nal)) sets.meet(*nal);
  config = sets.configuration();
  if (config.size() > length_at)
    config[length_at] =
        static_cast<char>((static_cast<unsigned char>(config[length_at]) & ~3U) | length_bits);
  return config;
}

void replace_extradata(AVCodecParameters& codec, const std::string& config) {
  auto* data = static_cast<std::uint8_t*>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (data == nullptr) return;
  std::memcpy(data, config.data(), config.size());
  av_free(codec.extradata);
  codec.extradata = data;
  codec.extradata_size = static_cast<int>(config.size());
}

}  // namespace

void add_missing_sets(const AVFormatContext& format, FilmReader& film) {
  for (AVStream* stream : std::span(format.streams, format.nb_streams)) {
    AVCodecParameters& parameters = *stream->codecpar;
    const Codec codec = codec_of(parameters.codec_id);
    if (codec != Codec::h264 && codec != Codec::hevc) continue;
    const std::size_t least = codec == Codec::hevc ? 23 : 7;
    if (parameters.extradata == nullptr || parameters.extradata[0] != 1 ||
        parameters.extradata_size < static_cast<int>(least))
      continue;
    const std::string config(reinterpret_cast<const char*>(parameters.extradata),
                             static_cast<std::size_t>(parameters.extradata_size));
    if (configured_sets(codec, config)) continue;
    const std::string completed = with_sets(codec, config, first_sync_sample(*stream, film));
    if (!completed.empty()) replace_extradata(parameters, completed);
  }
}

}  // namespace carrel::streamer
