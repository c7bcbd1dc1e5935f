#include "streamer/demux/film_source.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <span>

#include "streamer/demux/missing_sets.hpp"

namespace carrel::streamer {
namespace {

constexpr int kBufferBytes = 64 * 1024;
constexpr std::int64_t kProbeBytes = 5'000'000;
constexpr std::int64_t kProbeMicroseconds = 5'000'000;
constexpr int kMostStreams = 256;
constexpr std::size_t kMostBytesAtOnce = 192U
                                         << 20;  // one allocation inside libav: an index of 8 million entries

/// Containers that are files of their own: never a playlist, which would name other files.
constexpr const char* kContainers =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,mp3,flac,ogg,wav,w64,asf,aac,ac3,eac3,dts,"
    "truehd,aiff,caf,wv,tta,ape,amr,dv,rm,ivf,loas";

Error not_a_film() {
  return make_error(ErrorKind::invalid,
                    "This is not a film, or it is damaged beyond use: its beginning could not be read.");
}

/// Nothing is opened by this name; it is what libav's probing sees of one. No text from outside gets into it
/// but a plain word.
std::string probe_name(const std::string& extension) {
  constexpr std::size_t longest = 8;
  const bool plain = extension.size() <= longest &&
                     std::all_of(extension.begin(), extension.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  return plain ? "film." + extension : "film";
}

}  // namespace

int FilmSource::read(void* self, std::uint8_t* into, int bytes) {
  auto& source = *static_cast<FilmSource*>(self);
  const auto wanted =
      std::span(reinterpret_cast<std::byte*>(into), static_cast<std::size_t>(std::max(bytes, 0)));
  const std::size_t got = source.film_.read(source.at_, wanted);
  source.joints_.see(source.at_, wanted.first(got));
  source.ts_watch_.see(source.at_, wanted.first(got));
  source.at_ += got;
  return got == 0 ? libav::kEndOfFile : static_cast<int>(got);
}

std::int64_t FilmSource::seek(void* self, std::int64_t offset, int whence) {
  auto& source = *static_cast<FilmSource*>(self);
  const auto size = static_cast<std::int64_t>(source.film_.size());
  std::int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return size;
    case SEEK_SET: break;
    case SEEK_CUR: base = static_cast<std::int64_t>(source.at_); break;
    case SEEK_END: base = size; break;
    default: return -1;
  }
  // Beyond the end is allowed, as in any file; reading there finds the end.
  if (offset < -base || offset > std::numeric_limits<std::int64_t>::max() - base) return -1;
  source.at_ = static_cast<std::uint64_t>(base + offset);
  return base + offset;
}

Result<std::unique_ptr<FilmSource>> FilmSource::open(FilmReader& film, const std::string& extension) {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(kMostBytesAtOnce);
  std::unique_ptr<FilmSource> source(new FilmSource(film));
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  source->io_.reset(avio_alloc_context(buffer, kBufferBytes, 0, source.get(), &read, nullptr, &seek));
  AVFormatContext* format = avformat_alloc_context();
  if (!source->io_ || format == nullptr) return make_error(ErrorKind::internal, "no memory to open the film");
  format->pb = source->io_.get();
  format->probesize = kProbeBytes;
  format->max_analyze_duration = kProbeMicroseconds;
  format->max_streams = kMostStreams;
  format->format_whitelist = av_strdup(kContainers);
  // On failure libav frees the context that it was given.
  if (avformat_open_input(&format, probe_name(extension).c_str(), nullptr, nullptr) < 0) return not_a_film();
  source->format_.reset(format);
  if (avformat_find_stream_info(format, nullptr) < 0) return not_a_film();
  add_missing_sets(*format, film);
  return source;
}

}  // namespace carrel::streamer
