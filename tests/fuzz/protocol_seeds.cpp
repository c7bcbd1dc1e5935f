// protocol_seeds DIRECTORY: writes a message of each type there, as the daemon and a sandbox send them.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "streamer/protocol/codec.hpp"

using namespace carrel::protocol;

namespace {

Serve a_playlist() {
  Serve serve;
  serve.id = 7;
  serve.resource = Resource::master;
  serve.form = Form::aac_stereo;
  serve.plays = bit_of(Plays::h264) | bit_of(Plays::aac);
  serve.variants = {"720p", "480p"};
  serve.date = 1'700'000'000;
  serve.request_id = "r1";
  return serve;
}

Serve some_ranges() {
  Serve serve;
  serve.id = 8;
  serve.content_type = "video/mp4";
  serve.skip = 100;
  serve.conditions.ranges = {{0, 99}, {std::nullopt, 5}};
  serve.conditions.if_none_match = TagCondition{false, {{"a-b", true}}};
  serve.conditions.if_range = std::int64_t{1'700'000'000};
  return serve;
}

TrackSummary a_picture() {
  TrackSummary track;
  track.kind = TrackKind::video;
  track.use = TrackUse::remux;
  track.codec = "avc1.64001F";
  track.width = 1280;
  track.height = 720;
  return track;
}

Indexed a_film() {
  Indexed film;
  film.id = 9;
  film.readable = film.playable = true;
  film.container = "mp4";
  film.mime_type = "video/mp4";
  film.findings = {"its index is missing"};
  film.tracks = {a_picture()};
  return film;
}

std::map<std::string, Message> seeds() {
  return {{"hello", Hello{}},
          {"serve", a_playlist()},
          {"serve-ranges", some_ranges()},
          {"index", Index{1, "mkv", {{"srt", "en", "Commentary", true, false}}}},
          {"done", Done{7, Outcome::complete, 206, 1000, 5, "why"}},
          {"progress", IndexProgress{1, 65536}},
          {"indexed", a_film()},
          {"verify", Verify{2}},
          {"attempt", Attempt{2, "open a file", "EPERM", "EPERM", true, false}},
          {"ping", Ping{3}},
          {"pong", Pong{3, 1, 4096}},
          {"pictures", Pictures{4, {0, 1'000'000}, 2, 320, 180, 80, true}},
          {"pictures-made", PicturesMade{4, true, "", 320, 180, 5000, false}},
          {"convert", Convert{5, 480, 1'500'000}},
          {"convert-progress", ConvertProgress{5, 1'000'000}},
          {"converted", Converted{5, true, "", a_picture(), false}}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  for (const auto& [name, message] : seeds()) {
    const auto bytes = encode(message);
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  return 0;
}
