// A seed that today's code refuses at its first bytes leads a fuzzer nowhere, and nothing else would tell.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/subtitles.hpp"
#include "streamer/protocol/codec.hpp"
#include "streamer/subtitles/kind.hpp"

using namespace carrel;
using namespace carrel::streamer;
namespace fs = std::filesystem;

namespace {

const fs::path kFuzz = CARREL_FUZZ_DIRECTORY;

std::vector<fs::path> seeds_of(const std::string& fuzzer) {
  std::vector<fs::path> seeds;
  for (const auto& entry : fs::directory_iterator(kFuzz / "corpus" / fuzzer)) seeds.push_back(entry.path());
  REQUIRE_FALSE(seeds.empty());
  return seeds;
}

}  // namespace

TEST_CASE("every fuzzer has seeds") {
  for (const auto& entry : fs::directory_iterator(kFuzz)) {
    const std::string name = entry.path().stem().string();
    if (name.starts_with("fuzz_")) CHECK_FALSE(seeds_of(name.substr(5)).empty());
  }
}

TEST_CASE("the seeds of the index are of this version: tests/fuzz/make_seeds.py makes them anew") {
  bool segments = false, cues = false, script = false, pictures = false, chapters = false;
  for (const fs::path& seed : seeds_of("index")) {
    CAPTURE(seed);
    const UniqueFd file(::open(seed.c_str(), O_RDONLY | O_CLOEXEC));
    const auto index = IndexView::open(file.get());
    REQUIRE_MESSAGE(index.has_value(), index.error().message);
    const auto& tracks = (*index)->tracks();
    for (std::uint32_t track = 0; track < tracks.size(); ++track) {
      segments = segments || package_segment(**index, track, 0).has_value();
      cues = cues || package_cue_segment(**index, track, 0).has_value();
      const auto kind = subtitles::document_kind(tracks[track].info);
      script = script || kind == subtitles::kAssKind;
      pictures = pictures || kind == subtitles::kSupKind;
    }
    chapters = chapters || !(*index)->chapters().empty();
  }
  CHECK(segments);
  CHECK(cues);
  CHECK(script);
  CHECK(pictures);
  CHECK(chapters);
}

TEST_CASE("the seeds of the protocol are messages of this version") {
  std::set<std::size_t> kinds;
  for (const fs::path& seed : seeds_of("protocol")) {
    CAPTURE(seed);
    std::ifstream in(seed, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    const auto message = protocol::decode(std::as_bytes(std::span(bytes)));
    REQUIRE(message.has_value());
    kinds.insert(message->index());
  }
  CHECK(kinds.size() == std::variant_size_v<protocol::Message>);
}
