#include <doctest/doctest.h>

#include "films.hpp"
#include "orchestrator/jobs/qualities.hpp"

using namespace carrel;
using namespace carrel::jobs;

namespace {

store::VariantRow made(std::string name, std::int64_t width, std::int64_t height, std::int64_t bandwidth) {
  store::VariantRow row;
  row.name = std::move(name);
  row.width = width;
  row.height = height;
  row.bandwidth = bandwidth;
  row.codec = "avc1.64001f";
  return row;
}

const std::vector<store::VariantRow> kLadder{
    made("720p", 1280, 720, 3'000'000), made("480p", 854, 480, 1'500'000), made("360p", 640, 360, 800'000)};

std::vector<std::string> ids(const std::vector<Quality>& qualities) {
  std::vector<std::string> all;
  for (const Quality& quality : qualities) all.push_back(quality.id);
  return all;
}

Device device(std::optional<std::uint64_t> kbps, std::optional<std::uint32_t> width = {},
              std::optional<std::uint32_t> height = {}, std::uint32_t plays = 0) {
  Device device;
  device.network_kbps = kbps;
  device.screen_width = width;
  device.screen_height = height;
  device.plays = plays;
  return device;
}

}  // namespace

TEST_CASE("the original, what is made and what can be made are all named") {
  const auto video = test::ready_video("v1", true);
  store::JobRow job;
  job.quality = "480p";
  job.state = store::JobState::running;
  job.progress = 250'000;
  const auto qualities = qualities_of(video, std::span(kLadder).first(1), std::vector{job});
  REQUIRE(ids(qualities) == std::vector<std::string>{"original", "720p", "480p", "360p"});
  CHECK(qualities[0].label == "Original (1080p)");
  CHECK(qualities[0].bandwidth == 8'192'000);
  CHECK(qualities[0].codecs == "avc1.640028,mp4a.40.2");
  CHECK(qualities[1].state == QualityState::ready);
  CHECK(qualities[1].bandwidth == 3'192'000);
  CHECK(qualities[2].state == QualityState::making);
  CHECK(qualities[2].progress == doctest::Approx(0.25));
  CHECK(qualities[2].width == 854);
  CHECK(qualities[3].state == QualityState::possible);
}

TEST_CASE("a film that does not play has no original, and says how far its conversion is") {
  const auto video = test::ready_video("v1", false);
  store::JobRow job;
  job.quality = "play";
  for (const auto& [state, shown] : {std::pair(store::JobState::waiting, QualityState::waiting),
                                     std::pair(store::JobState::running, QualityState::making),
                                     std::pair(store::JobState::failed, QualityState::failed),
                                     std::pair(store::JobState::cancelled, QualityState::possible),
                                     std::pair(store::JobState::done, QualityState::possible)}) {
    job.state = state;
    const auto qualities = qualities_of(video, {}, std::vector{job});
    REQUIRE(ids(qualities) == std::vector<std::string>{"play", "720p", "480p", "360p"});
    CHECK(qualities[0].label == "Converted (1080p)");
    CHECK(qualities[0].state == shown);
  }
  CHECK(default_quality(qualities_of(video, {}, {}), {}).empty());
  const std::vector made_playable{made("play", 1920, 1080, 6'000'000)};
  CHECK(default_quality(qualities_of(video, made_playable, {}), {}) == "play");
}

TEST_CASE("sound that is made into AAC counts as such") {
  auto video = test::ready_video("v1", true);
  video.facts->tracks[1] = test::sound_track(protocol::TrackUse::transcode, "ac-3");
  const auto qualities = qualities_of(video, {}, {});
  CHECK(qualities[0].codecs == "avc1.640028,mp4a.40.2");
  CHECK(qualities[0].bandwidth == 8'160'000);
}

TEST_CASE("a film of sound alone has one quality") {
  auto video = test::ready_video("v1", true);
  video.facts->tracks.erase(video.facts->tracks.begin());
  const auto qualities = qualities_of(video, {}, {});
  REQUIRE(ids(qualities) == std::vector<std::string>{"original"});
  CHECK(qualities[0].label == "Original");
  CHECK(default_quality(qualities, device(1, 320, 240)) == "original");
}

TEST_CASE("the best for a device is what plays there, comes over its network and fills its screen") {
  auto video = test::ready_video("v1", true);
  const std::uint32_t h264 = protocol::bit_of(protocol::Plays::h264);
  const std::uint32_t hevc = protocol::bit_of(protocol::Plays::hevc);
  struct Case {
    const char* why;
    const char* codec;
    Device device;
    const char* best;
  };
  const std::vector<Case> cases{
      {"nothing is known", "avc1.640028", {}, "original"},
      {"a good network", "avc1.640028", device(20'000), "original"},
      {"some to spare is needed", "avc1.640028", device(9'000), "720p"},
      {"a phone on the way", "avc1.640028", device(2'500), "480p"},
      {"less than the least", "avc1.640028", device(100), "360p"},
      {"a small screen", "avc1.640028", device({}, 1280, 720), "720p"},
      {"a phone held upright", "avc1.640028", device({}, 480, 900), "480p"},
      {"between two", "avc1.640028", device({}, 1366, 768), "original"},
      {"a wall", "avc1.640028", device({}, 7680, 4320), "original"},
      {"a small screen on a slow network", "avc1.640028", device(2'500, 1280, 720), "480p"},
      {"a codec that does not play", "hvc1.2.4.L120.90", device({}, {}, {}, h264), "720p"},
      {"a codec that plays", "hvc1.2.4.L120.90", device({}, {}, {}, h264 | hevc), "original"},
      {"ten bits, which hardly anybody plays", "avc1.6E0028", device({}, {}, {}, h264), "720p"},
      {"ten bits, and nothing is known", "avc1.6E0028", {}, "original"},
      {"a device that plays none", "hvc1.2.4.L120.90",
       device({}, {}, {}, protocol::bit_of(protocol::Plays::vp9)), "original"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.why);
    video.facts->tracks[0].codec = one.codec;
    CHECK(default_quality(qualities_of(video, kLadder, {}), one.device) == one.best);
  }
}

TEST_CASE("a film that stands is called by its shorter side") {
  library::Video video = test::ready_video("v1", true);
  video.facts->tracks[0].width = 2160;
  video.facts->tracks[0].height = 3840;
  const auto qualities = qualities_of(video, {}, {});
  REQUIRE(qualities.size() == 4);
  CHECK(qualities[0].label == "Original (2160p)");
  CHECK(qualities[1].label == "720p");
  CHECK(qualities[1].width == 720);
  CHECK(qualities[1].height == 1280);
}
