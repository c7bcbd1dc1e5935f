#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "base/unique_fd.hpp"
#include "converter/convert/convert_film.hpp"
#include "converter/pictures/make_pictures.hpp"
#include "streamer/index/film_index.hpp"
#include "streamer/index/plan.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace carrel;
using namespace carrel::converter;

namespace {

constexpr std::uint32_t kH261 = 3;  // AV_CODEC_ID_H261: needs no configuration
constexpr std::uint32_t kTimescale = 25;
constexpr std::uint32_t kSampleBytes = 10;

/// A film of which nothing decodes, with its index.
struct Film {
  support::TemporaryDirectory folder;
  UniqueFd index = open("index", O_RDWR | O_CREAT);

  explicit Film(std::uint32_t samples) {
    const UniqueFd film = open("film", O_RDWR | O_CREAT);
    REQUIRE(::ftruncate(film.get(), samples * kSampleBytes) == 0);
    struct stat status {};
    REQUIRE(::fstat(film.get(), &status) == 0);
    streamer::FilmIndex::Track track;
    track.info.kind = streamer::MediaKind::video;
    track.info.use = streamer::TrackUse::convert;
    track.info.decoder = kH261;
    track.info.timescale = kTimescale;
    track.info.width = 32;
    track.info.height = 32;
    for (std::uint32_t i = 0; i < samples; ++i)
      track.samples.push_back(
          {i * kSampleBytes, kSampleBytes, 1, 0, i % kTimescale == 0 ? streamer::kSampleSync : 0});
    track.segments = streamer::plan_video(track.samples, 0, kTimescale);
    streamer::FilmIndex made;
    made.container = "test";
    made.film_bytes = static_cast<std::uint64_t>(status.st_size);
    made.film_mtime_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
    made.tracks.push_back(std::move(track));
    REQUIRE(streamer::write_index(index.get(), made).has_value());
  }
  [[nodiscard]] UniqueFd open(const char* name, int flags) const {
    UniqueFd fd(::open((folder.path() / name).c_str(), flags | O_CLOEXEC, 0600));
    REQUIRE(fd);
    return fd;
  }
  [[nodiscard]] protocol::Converted convert(int film,
                                            const std::function<void(std::uint64_t)>& progress) const {
    const UniqueFd media = open("media", O_RDWR | O_CREAT | O_TRUNC);
    const UniqueFd variant = open("variant", O_RDWR | O_CREAT | O_TRUNC);
    const UniqueFd checkpoint = open("checkpoint", O_RDWR | O_CREAT | O_TRUNC);
    protocol::Convert request;
    request.bits_per_second = 100'000;
    return convert_film({film, index.get(), media.get(), variant.get(), checkpoint.get()}, request, progress);
  }
  [[nodiscard]] protocol::PicturesMade pictures(int film) const {
    const UniqueFd sheet = open("sheet", O_RDWR | O_CREAT);
    protocol::Pictures request;
    request.times_us = {0};
    request.columns = 1;
    return make_pictures(film, index.get(), sheet.get(), request);
  }
};

}  // namespace

TEST_CASE("a film of which nothing decodes is a verdict") {
  const Film film(100);
  const UniqueFd bytes = film.open("film", O_RDONLY);
  const auto converted = film.convert(bytes.get(), [](std::uint64_t) {});
  CHECK_FALSE(converted.made);
  CHECK_FALSE(converted.may_work_later);

  const auto pictures = film.pictures(bytes.get());
  CHECK_FALSE(pictures.made);
  CHECK_FALSE(pictures.may_work_later);
}

TEST_CASE("a film that cannot be read this time is none") {
  const Film film(100);
  const UniqueFd bytes = film.open("film", O_WRONLY);
  const auto converted = film.convert(bytes.get(), [](std::uint64_t) {});
  CHECK_FALSE(converted.made);
  CHECK(converted.may_work_later);
  CHECK(converted.reason.find("read the film") != std::string::npos);

  const auto pictures = film.pictures(bytes.get());
  CHECK_FALSE(pictures.made);
  CHECK(pictures.may_work_later);
  CHECK(pictures.reason.find("read the film") != std::string::npos);
}

TEST_CASE("nor is a film that is being written while it is converted") {
  const Film film(100);
  const UniqueFd bytes = film.open("film", O_RDONLY);
  const auto converted = film.convert(bytes.get(), [&](std::uint64_t) {
    const UniqueFd writer = film.open("film", O_WRONLY);
    REQUIRE(::ftruncate(writer.get(), 500) == 0);
  });
  CHECK_FALSE(converted.made);
  CHECK(converted.may_work_later);
}
