#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "streamer/demux/film_window.hpp"
#include "streamer/demux/libav.hpp"
#include "streamer/index/film_index.hpp"

namespace carrel::streamer {

class SubtitleCollector;

/// The subtitles inside a film: gathered beside picture and sound, put on their timeline at the end.
class SubtitleTracks {
 public:
  /// `film` outlives it.
  SubtitleTracks(const AVFormatContext& format, FilmWindow& film);
  ~SubtitleTracks();
  SubtitleTracks(const SubtitleTracks&) = delete;
  SubtitleTracks& operator=(const SubtitleTracks&) = delete;

  /// Streams that have appeared since.
  void meet_new(const AVFormatContext& format);

  /// The stream's packets are to be given to take().
  [[nodiscard]] bool wants(std::size_t stream) const;
  void take(const AVPacket& packet);
  /// The stream's packets are of no use: they "are …".
  void leave_out(std::size_t stream, const std::string& why);

  /// Completes the tracks of `index`, which go with the streams and whose origin is known. A track without a
  /// subtitle is of no use.
  void store(FilmIndex& index);

 private:
  void keep_within_bounds();
  void find_left_out(std::size_t stream, const std::string& why);

  FilmWindow& film_;
  std::vector<std::unique_ptr<SubtitleCollector>> collectors_;  ///< one for each stream, or null
  std::vector<std::string> findings_;
};

/// The film's time that is zero in the index, in microseconds.
[[nodiscard]] std::int64_t origin_us(const FilmIndex& index);

}  // namespace carrel::streamer
