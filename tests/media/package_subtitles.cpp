// package_subtitles FILM DIRECTORY [SIDECAR LANGUAGE]…: indexes a film with subtitle files beside it and
// writes every resource of its subtitles and chapters into the directory. Prints what each track is, one line
// of JSON.
#include <fcntl.h>
#include <sys/mman.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/demux/index_film.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/subtitles.hpp"
#include "tests/media/write_body.hpp"

namespace {

using namespace carrel;
using namespace carrel::streamer;
using testing::must;
using testing::write_body;
namespace fs = std::filesystem;

std::string extension_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension.empty() ? extension : extension.substr(1);
}

/// Where there is such a resource.
void write_found(int film, const Result<Packaged>& packaged, const fs::path& path) {
  if (packaged) write_body(film, packaged->body, path);
}

void write_track(const IndexView& index, int film, std::uint32_t number, const fs::path& directory) {
  fs::create_directories(directory);
  write_found(film, package_cue_playlist(index, number), directory / "playlist.m3u8");
  write_found(film, package_subtitles(index, number), directory / "subtitles.vtt");
  write_found(film, package_subtitle_index(index, number), directory / "subtitles.idx");
  write_found(film, package_subtitle_document(index, number), directory / "document");
  if (!has_cues(index, number)) return;
  const auto segments = static_cast<std::uint32_t>(plan_cues(index).spans.size());
  for (std::uint32_t i = 0; i < segments; ++i)
    write_found(film, package_cue_segment(index, number, i), directory / (std::to_string(i) + ".vtt"));
}

void print(const IndexView& index, const protocol::Indexed& indexed) {
  std::cout << "{\"duration_us\":" << indexed.duration_us << ",\"origin_ticks\":" << index.origin_ticks()
            << ",\"origin_timescale\":" << index.origin_timescale() << ",\"chapters\":" << indexed.chapters
            << ",\"tracks\":[";
  for (std::size_t i = 0; i < indexed.tracks.size(); ++i) {
    const protocol::TrackSummary& track = indexed.tracks[i];
    std::cout << (i == 0 ? "" : ",") << "{\"kind\":" << static_cast<int>(track.kind)
              << ",\"use\":" << static_cast<int>(track.use) << ",\"codec\":\"" << track.codec
              << "\",\"document\":\"" << track.document << "\",\"language\":\"" << track.language
              << "\",\"default\":" << track.is_default << ",\"forced\":" << track.forced
              << ",\"hearing_impaired\":" << track.hearing_impaired << ",\"external\":" << track.external
              << "}";
  }
  std::cout << "],\"findings\":" << indexed.findings.size() << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 != 1) return 2;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const UniqueFd film(::open(arguments[0].c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd index_fd(::memfd_create("index", MFD_CLOEXEC));
  std::vector<UniqueFd> files;
  std::vector<protocol::OpenSidecar> sidecars;
  for (std::size_t i = 2; i < arguments.size(); i += 2) {
    files.emplace_back(::open(arguments[i].c_str(), O_RDONLY | O_CLOEXEC));
    protocol::OpenSidecar sidecar{files.back().get(), {}};
    sidecar.about.extension = extension_of(arguments[i]);
    sidecar.about.language = arguments[i + 1];
    sidecars.push_back(sidecar);
  }
  const auto indexed = must(index_film(film.get(), extension_of(arguments[0]), index_fd.get(), {}, sidecars));
  if (!indexed.readable) return 1;
  const auto index = must(IndexView::open(index_fd.get()));
  print(*index, indexed);
  const fs::path directory = arguments[1];
  fs::create_directories(directory);
  write_found(film.get(), package_chapters_json(*index), directory / "chapters.json");
  write_found(film.get(), package_chapters_vtt(*index), directory / "chapters.vtt");
  for (std::uint32_t i = 0; i < index->tracks().size(); ++i)
    if (index->tracks()[i].info.kind == MediaKind::subtitle)
      write_track(*index, film.get(), i, directory / std::to_string(i));
  return 0;
}
