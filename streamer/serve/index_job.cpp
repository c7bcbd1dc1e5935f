#include "streamer/serve/index_job.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "streamer/protocol/patient.hpp"

namespace carrel::streamer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFilmAndIndex = 2;
constexpr auto kProgressPeriod = std::chrono::milliseconds(500);
// 64 tracks with three texts of this length and the rest fit into one message.
constexpr std::size_t kMaxTrackText = 256;

/// At most `most` bytes, without half a UTF-8 character at the end.
void cut(std::string& text, std::size_t most) {
  if (text.size() <= most) {
    return;
  }
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (most > 0 && continues(most)) {
    --most;
  }
  text.resize(most);
}

}  // namespace

protocol::Indexed bounded(protocol::Indexed indexed) {
  cut(indexed.container, protocol::kMaxText);
  cut(indexed.mime_type, protocol::kMaxText);
  cut(indexed.reason, protocol::kMaxText);
  if (indexed.tracks.size() > protocol::kMaxTracks) {
    indexed.tracks.resize(protocol::kMaxTracks);
  }
  for (protocol::TrackSummary& track : indexed.tracks) {
    cut(track.codec, kMaxTrackText);
    cut(track.language, kMaxTrackText);
    cut(track.title, kMaxTrackText);
  }
  return indexed;
}

Result<void> run_index_job(int control, const IndexFilmFn& index_film) {
  Result<void> greeted = protocol::send_patiently(control, protocol::Hello{});
  if (!greeted) {
    return greeted;
  }
  Result<protocol::Received> received = protocol::receive_patiently(control);
  if (!received) {
    return received.error();
  }
  const auto* job = std::get_if<protocol::Index>(&received->message);
  if (job == nullptr || received->descriptors.size() != kFilmAndIndex + job->sidecars.size()) {
    return make_error(ErrorKind::invalid,
                      "a worker takes one Index message with two descriptors and one for each sidecar, and "
                      "nothing else");
  }
  std::vector<protocol::OpenSidecar> sidecars;
  for (std::size_t i = 0; i < job->sidecars.size(); ++i) {
    sidecars.push_back({received->descriptors[kFilmAndIndex + i].get(), job->sidecars[i]});
  }
  Clock::time_point last_told = Clock::now();
  const auto progress = [&](std::uint64_t film_bytes_read) {
    const Clock::time_point now = Clock::now();
    if (now - last_told >= kProgressPeriod) {
      last_told = now;
      // A daemon that has gone is found out when the result is sent; a full socket says that we are alive,
      // too.
      static_cast<void>(protocol::send(control, protocol::IndexProgress{job->id, film_bytes_read}));
    }
  };
  Result<protocol::Indexed> indexed =
      index_film(received->descriptors[0].get(), job->extension, received->descriptors[1].get(), progress,
                 std::move(sidecars));
  if (!indexed) {
    return indexed.error();
  }
  indexed->id = job->id;
  return protocol::send_patiently(control, bounded(std::move(*indexed)));
}

}  // namespace carrel::streamer
