#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "streamer/demux/libav.hpp"
#include "streamer/demux/locator.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/subtitles/ass_document.hpp"
#include "streamer/subtitles/document.hpp"
#include "streamer/subtitles/pgs.hpp"
#include "streamer/subtitles/timed_text.hpp"
#include "streamer/subtitles/tx3g.hpp"

namespace carrel::streamer {

/// Gathers the packets of one track of subtitles.
class SubtitleCollector {
 public:
  /// Null where nothing can be made of the codec.
  [[nodiscard]] static std::unique_ptr<SubtitleCollector> make(const AVStream& stream, FilmWindow& film);

  void take(const AVPacket& packet);
  /// Of what it has taken: as much memory.
  [[nodiscard]] std::size_t kept_bytes() const { return kept_bytes_; }
  /// `track.info` is described already; its use and what it holds is set here.
  void store(FilmIndex::Track& track, std::int64_t origin_us);

 private:
  enum class Kind : std::uint8_t { subrip, ass, webvtt, boxed_webvtt, timed_text, pgs, vobsub };

  SubtitleCollector(Kind kind, const AVStream& stream, FilmWindow& film);
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] bool is_text() const { return kind_ != Kind::pgs && kind_ != Kind::vobsub; }
  [[nodiscard]] std::int64_t microseconds(std::int64_t units) const;
  void take_text(const AVPacket& packet, std::string_view bytes);
  void take_boxed(const subtitles::TimedText& times, std::string_view bytes);
  void take_picture(const AVPacket& packet, std::string_view bytes);
  void end_open_texts();
  void store_pgs(FilmIndex::Track& track, std::int64_t origin_us) const;
  void store_vobsub(FilmIndex::Track& track, std::int64_t origin_us) const;

  /// A packet of pictures: where it lies in the film, or its bytes where it does not as it is sent.
  struct Picture {
    std::int64_t us = 0;
    std::size_t bytes = 0;
    std::variant<std::uint64_t, std::string> source;
    std::vector<subtitles::PgsSegment> segments;
  };
  [[nodiscard]] static bool add_part(subtitles::Document& document, const Picture& picture,
                                     std::size_t offset, std::size_t bytes);

  Kind kind_;
  AVRational unit_;
  std::string extradata_;
  std::uint32_t width_ = 0, height_ = 0;
  bool forced_ = false, hearing_impaired_ = false;
  subtitles::Tx3gDefaults tx3g_;
  SampleLocator locator_;
  std::vector<subtitles::TimedText> texts_;  ///< of an end before its start: till the next
  std::vector<subtitles::AssLine> lines_;
  std::vector<Picture> pictures_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace carrel::streamer
