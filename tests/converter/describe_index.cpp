// describe_index INDEX [MEDIA DIRECTORY]: prints what an index says of the first picture track that has
// samples, as JSON; with MEDIA it also writes that track's playlist, init.mp4 and segments into the
// directory.
#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/unique_fd.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"
#include "tests/media/write_body.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;
using testing::must;
using testing::write_body;
namespace fs = std::filesystem;

void package(const IndexView& index, int media, std::uint32_t number, const fs::path& directory) {
  fs::create_directories(directory);
  write_body(media, must(package_media_playlist(index, number)).body, directory / "playlist.m3u8");
  write_body(media, must(package_init(index, number)).body, directory / "init.mp4");
  const auto segments = static_cast<std::uint32_t>(index.tracks()[number].segments.size());
  for (std::uint32_t i = 0; i < segments; ++i)
    write_body(media, must(package_segment(index, number, i)).body, directory / (std::to_string(i) + ".m4s"));
}

void describe(const IndexView& index, const IndexView::Track& track) {
  std::cout << "{\"film_bytes\":" << index.film_bytes() << ",\"duration_us\":" << index.duration_us()
            << ",\"origin\":[" << index.origin_ticks() << "," << index.origin_timescale() << "],\"codec\":\""
            << track.info.codec_string << "\",\"width\":" << track.info.width
            << ",\"height\":" << track.info.height << ",\"matrix\":" << track.info.colour.matrix
            << ",\"transfer\":" << track.info.colour.transfer << ",\"timescale\":" << track.info.timescale
            << ",\"samples\":[";
  auto decoded = static_cast<std::int64_t>(track.segments.front().start);
  bool first = true;
  for (const SampleRecord& sample : track.samples) {
    std::cout << (first ? "" : ",") << "[" << decoded << "," << decoded + sample.composition_offset << ","
              << sample.size << "," << ((sample.flags & kSampleSync) != 0 ? 1 : 0) << "]";
    decoded += sample.duration;
    first = false;
  }
  std::cout << "],\"segments\":[";
  first = true;
  for (const SegmentRecord& segment : track.segments) {
    std::cout << (first ? "" : ",") << "[" << segment.first_sample << "," << segment.sample_count << ","
              << segment.start << "," << segment.duration << "]";
    first = false;
  }
  std::cout << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) return 2;
  const UniqueFd fd(::open(argv[1], O_RDONLY | O_CLOEXEC));
  const auto index = must(IndexView::open(fd.get()));
  for (std::uint32_t i = 0; i < index->tracks().size(); ++i) {
    const IndexView::Track& track = index->tracks()[i];
    if (track.info.kind != MediaKind::video || track.segments.empty()) continue;
    describe(*index, track);
    const UniqueFd media(argc == 4 ? ::open(argv[2], O_RDONLY | O_CLOEXEC) : -1);
    if (media) package(*index, media.get(), i, argv[3]);
    return 0;
  }
  std::cerr << "no picture with samples\n";
  return 1;
}
