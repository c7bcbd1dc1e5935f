#include "streamer/demux/sidecars.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "streamer/subtitles/sidecar.hpp"

namespace carrel::streamer {
namespace {

using protocol::OpenSidecar;

/// The whole file, or why not, for people.
Result<std::string> read_whole(const OpenSidecar& sidecar, std::size_t most) {
  struct stat status {};
  if (::fstat(sidecar.fd, &status) != 0 || !S_ISREG(status.st_mode))
    return make_error(ErrorKind::invalid, "is not a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > most)
    return make_error(ErrorKind::invalid, "is too large");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(sidecar.fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return make_error(ErrorKind::invalid, "could not be read: its disk reports an error");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string named(const OpenSidecar& sidecar) {
  std::string name = "The subtitle file (." + sidecar.about.extension;
  if (!sidecar.about.language.empty()) name += ", " + sidecar.about.language;
  return name + ") ";
}

bool is_pictures(const std::string& extension) {
  return extension == "sup" || extension == "sub";
}

Result<std::string> read_sidecar(const OpenSidecar& sidecar) {
  return read_whole(sidecar, is_pictures(sidecar.about.extension) ? subtitles::kMaxSidecarPictures
                                                                  : subtitles::kMaxSidecarText);
}

/// The .sub of an .idx: the same name, so it follows or precedes it with the same description.
const OpenSidecar* pictures_of(const OpenSidecar& idx, std::span<const OpenSidecar> sidecars) {
  for (const OpenSidecar& other : sidecars) {
    protocol::Sidecar about = other.about;
    if (about.extension != "sub") continue;
    about.extension = idx.about.extension;
    if (about == idx.about) return &other;
  }
  return nullptr;
}

}  // namespace

void append_sidecars(FilmIndex& index, std::span<const OpenSidecar> sidecars, std::int64_t origin_us) {
  for (const OpenSidecar& sidecar : sidecars) {
    if (sidecar.about.extension == "sub") continue;
    const auto bytes = read_sidecar(sidecar);
    if (!bytes) {
      index.findings.push_back(named(sidecar) + bytes.error().message + ".");
      continue;
    }
    subtitles::SidecarText file{sidecar.about.extension,
                                sidecar.about.language,
                                sidecar.about.title,
                                sidecar.about.forced,
                                sidecar.about.hearing_impaired,
                                *bytes,
                                {}};
    if (const OpenSidecar* pictures = pictures_of(sidecar, sidecars); file.extension == "idx" && pictures) {
      const auto sub = read_sidecar(*pictures);
      if (sub) file.sub = *sub;
    }
    auto tracks = subtitles::tracks_of(file, origin_us);
    if (tracks.empty()) index.findings.push_back(named(sidecar) + "has no subtitle that could be read.");
    for (FilmIndex::Track& track : tracks)
      if (index.tracks.size() < kMaxIndexTracks) index.tracks.push_back(std::move(track));
  }
}

}  // namespace carrel::streamer
