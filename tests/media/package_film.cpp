// package_film FILM DIRECTORY: indexes a film and writes the index, and every resource that a client could
// ask for, into the directory, laid out as the daemon's URLs are. Prints the verdict as one line of JSON.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/demux/index_film.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/offer.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/transcode/aac_boxes.hpp"
#include "streamer/transcode/aac_frames.hpp"
#include "streamer/transcode/aac_plan.hpp"
#include "streamer/transcode/aac_segment.hpp"
#include "tests/media/write_body.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;
using testing::must;
using testing::write_body;
namespace fs = std::filesystem;

void copy_whole(int from, const fs::path& path) {
  const off_t size = ::lseek(from, 0, SEEK_END);
  write_body(from, {FilmBytes{0, static_cast<std::uint64_t>(size)}}, path);
}

void write_ts(const std::shared_ptr<const IndexView>& index, int film, std::uint32_t number,
              const fs::path& directory) {
  const auto playlist = package_ts_playlist(*index, number);
  if (!playlist) return;
  fs::create_directories(directory);
  write_body(film, playlist->body, directory / "playlist.m3u8");
  for (std::uint32_t i = 0;; ++i) {
    const auto source = [&](std::uint32_t track, const AacPlan& plan, const FrameRange& frames) {
      return std::make_shared<AacFrames>(index, track, plan, frames, read_pieces);
    };
    const auto segment = package_ts_segment(index, number, i, source);
    if (!segment) break;
    write_body(film, segment->body, directory / (std::to_string(i) + ".ts"));
  }
}

void write_track(const std::shared_ptr<const IndexView>& index, int film, std::uint32_t number,
                 const fs::path& directory) {
  fs::create_directories(directory);
  write_body(film, must(package_media_playlist(*index, number)).body, directory / "playlist.m3u8");
  write_body(film, must(package_init(*index, number)).body, directory / "init.mp4");
  const auto iframes = package_iframe_playlist(*index, number);
  if (iframes) write_body(film, iframes->body, directory / "iframes.m3u8");
  write_ts(index, film, number, directory / "ts");
  const auto segments = static_cast<std::uint32_t>(index->tracks()[number].segments.size());
  for (std::uint32_t i = 0; i < segments; ++i)
    write_body(film, must(package_segment(*index, number, i)).body, directory / (std::to_string(i) + ".m4s"));
}

void write_aac(const std::shared_ptr<const IndexView>& index, int film, std::uint32_t number,
               protocol::Form form, const fs::path& directory) {
  fs::create_directories(directory);
  const AacPlan plan = must(plan_aac(*index, number, form));
  write_body(film, must(package_media_playlist(*index, number, form)).body, directory / "playlist.m3u8");
  write_body(film, must(package_aac_init(index->tracks()[number], plan)).body, directory / "init.mp4");
  for (std::uint32_t i = 0; i < plan.segments.size(); ++i) {
    const auto frames =
        std::make_shared<AacFrames>(index, number, plan, plan.segments[i].frames, read_pieces);
    const auto maker = std::make_shared<AacSegmentMaker>(plan, i, frames);
    write_body(film, {LaterBytes{maker, 0, maker->bytes()}}, directory / (std::to_string(i) + ".m4s"));
  }
}

/// What is decoded rather than sent: `samples`, one after the other, and `samples.tsv` with the presentation
/// time in ticks and the size of each.
void write_samples(const IndexView& index, int film, std::uint32_t number, const fs::path& directory) {
  const IndexView::Track& track = index.tracks()[number];
  fs::create_directories(directory);
  Pieces body;
  std::ofstream table(directory / "samples.tsv");
  for (const SegmentRecord& segment : track.segments) {
    auto time = static_cast<std::int64_t>(segment.start);
    for (const SampleRecord& sample : must(index.samples_of(track, segment))) {
      table << time + sample.composition_offset << "\t" << sample.size << "\n";
      time += sample.duration;
      const auto appended = append_sample(body, index, track, sample);
      if (!appended) must<int>(appended.error());
    }
  }
  write_body(film, body, directory / "samples");
}

void print_verdict(const protocol::Indexed& indexed, const IndexView* index) {
  std::cout << "{\"readable\":" << indexed.readable << ",\"playable\":" << indexed.playable
            << ",\"convertible\":" << indexed.convertible << ",\"container\":\"" << indexed.container
            << "\",\"mime_type\":\"" << indexed.mime_type << "\",\"reason\":\"" << indexed.reason
            << "\",\"duration_us\":" << indexed.duration_us << ",\"tracks\":[";
  for (std::size_t i = 0; i < indexed.tracks.size(); ++i) {
    const protocol::TrackSummary& track = indexed.tracks[i];
    std::cout << (i == 0 ? "" : ",") << "{\"kind\":" << static_cast<int>(track.kind)
              << ",\"playable\":" << (track.use == protocol::TrackUse::remux)
              << ",\"use\":" << static_cast<int>(track.use) << ",\"codec\":\"" << track.codec
              << "\",\"width\":" << track.width << ",\"height\":" << track.height
              << ",\"timescale\":" << (index == nullptr ? 0 : index->tracks()[i].info.timescale) << "}";
  }
  std::cout << "],\"findings\":[";
  for (std::size_t i = 0; i < indexed.findings.size(); ++i)
    std::cout << (i == 0 ? "" : ",") << "\"" << indexed.findings[i] << "\"";
  std::cout << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const fs::path film_path = argv[1];
  const fs::path directory = argv[2];
  const UniqueFd film(::open(film_path.c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd index_fd(::memfd_create("index", MFD_CLOEXEC));
  const std::string extension = film_path.extension().string();
  const auto indexed =
      must(index_film(film.get(), extension.empty() ? extension : extension.substr(1), index_fd.get(), {}));
  if (!indexed.readable) {
    print_verdict(indexed, nullptr);
    return 0;
  }
  const auto index = must(IndexView::open(index_fd.get()));
  print_verdict(indexed, index.get());
  fs::create_directories(directory);
  copy_whole(index_fd.get(), directory / "index");
  const auto master = package_master({*index, {}, 0});
  if (master) write_body(film.get(), master->body, directory / "master.m3u8");
  const auto ts = package_ts_master({*index, {}, 0});
  if (ts) write_body(film.get(), ts->body, directory / "ts.m3u8");
  const auto dash = package_dash({*index, {}, 0});
  if (dash) write_body(film.get(), dash->body, directory / "manifest.mpd");
  for (std::uint32_t i = 0; i < index->tracks().size(); ++i) {
    for (const protocol::Form form : aac_forms(index->tracks()[i])) {
      const char* name = form == protocol::Form::aac_stereo ? "aac2" : "aac6";
      write_aac(index, film.get(), i, form, directory / std::to_string(i) / name);
    }
    if (index->playable_track(i) != nullptr) {
      write_track(index, film.get(), i, directory / std::to_string(i));
    } else if (!index->tracks()[i].samples.empty()) {
      write_ts(index, film.get(), i, directory / std::to_string(i) / "ts");
      write_samples(*index, film.get(), i, directory / std::to_string(i));
    }
  }
  return 0;
}
