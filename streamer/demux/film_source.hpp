#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "streamer/demux/film_reader.hpp"
#include "streamer/demux/joints.hpp"
#include "streamer/demux/libav.hpp"
#include "streamer/demux/ts_watch.hpp"

namespace carrel::streamer {

/// A film opened by libavformat, which reads through a FilmReader and opens nothing by itself.
class FilmSource {
 public:
  /// `film` must outlive the source. `extension` (lower case, no dot) only helps where content leaves a
  /// doubt. ErrorKind::invalid: no demuxer knows it, or its headers are damaged.
  [[nodiscard]] static Result<std::unique_ptr<FilmSource>> open(FilmReader& film,
                                                                const std::string& extension);

  [[nodiscard]] AVFormatContext& format() const { return *format_; }
  /// What was seen in what libavformat has read so far.
  [[nodiscard]] const Joints& joints() const { return joints_; }
  [[nodiscard]] const TsWatch& ts_watch() const { return ts_watch_; }

 private:
  explicit FilmSource(FilmReader& film) : film_(film), joints_(film) {}
  static int read(void* self, std::uint8_t* into, int bytes);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  FilmReader& film_;
  Joints joints_;
  TsWatch ts_watch_;
  std::uint64_t at_ = 0;
  libav::Io io_;
  libav::Format format_;  // after io_: it is closed first
};

}  // namespace carrel::streamer
