#include "orchestrator/store/videos.hpp"

#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace carrel;
using namespace carrel::store;

namespace {

FoundFile film(std::string path, std::int64_t size = 1000, std::int64_t mtime_ns = 5) {
  return FoundFile{
      .root = "/films", .path = std::move(path), .size = size, .mtime_ns = mtime_ns, .title = "Film"};
}

}  // namespace

TEST_CASE("a file that is found again keeps its id and its index") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  const std::string odd_name = "S\xe9rie/it's \"1\".mkv";
  auto first = upsert_video(db, film(odd_name), "v1", 100).value();
  CHECK(first.id == "v1");
  CHECK(first.path == odd_name);
  CHECK(first.state == VideoState::waiting);
  set_video_summary(db, "v1", "{\"duration\":1}", "").value();
  auto again = upsert_video(db, film(odd_name), "v2", 200).value();
  CHECK(again.id == "v1");
  CHECK(again.state == VideoState::ready);
  CHECK(again.summary == "{\"duration\":1}");
  CHECK(again.added_at == 100);
}

TEST_CASE("a file that changed waits for its index again") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  for (const auto& changed : {film("a.mp4", 1001, 5), film("a.mp4", 1001, 6)}) {
    auto row = upsert_video(db, film("a.mp4"), "v1", 100).value();
    set_video_state(db, row.id, VideoState::failed, "no moov").value();
    auto now = upsert_video(db, changed, "v2", 200).value();
    CHECK(now.id == "v1");
    CHECK(now.size == changed.size);
    CHECK(now.mtime_ns == changed.mtime_ns);
    CHECK(now.state == VideoState::waiting);
    CHECK(now.reason.empty());
    CHECK(now.index_error_count == 0);
  }
}

TEST_CASE("a removed file is out of the list and comes back under its id") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  upsert_video(db, film("a.mp4"), "v1", 100).value();
  upsert_video(db, film("b.mp4"), "v2", 100).value();
  mark_video_removed(db, "v1", 150).value();
  auto left = load_videos(db).value();
  REQUIRE(left.size() == 1);
  CHECK(left[0].id == "v2");
  CHECK(removed_videos(db, 150).value().empty());
  CHECK(removed_videos(db, 151).value() == std::vector<std::string>{"v1"});
  CHECK(upsert_video(db, film("a.mp4"), "v3", 200).value().id == "v1");
  CHECK(removed_videos(db, 1000).value().empty());
  CHECK(load_videos(db).value().size() == 2);
}

TEST_CASE("failures are counted, interrupted work waits again") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  upsert_video(db, film("a.mp4"), "v1", 100).value();
  set_video_state(db, "v1", VideoState::failed, "x").value();
  set_video_state(db, "v1", VideoState::indexing, "").value();
  set_video_state(db, "v1", VideoState::failed, "y").value();
  auto row = load_videos(db).value().at(0);
  CHECK(row.index_error_count == 2);
  CHECK(row.reason == "y");
  set_video_state(db, "v1", VideoState::indexing, "").value();
  requeue_interrupted_videos(db).value();
  CHECK(load_videos(db).value().at(0).state == VideoState::waiting);
}

TEST_CASE("a video that is not there is an error") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  CHECK(set_video_state(db, "v9", VideoState::ready, "").error().kind == ErrorKind::not_found);
  CHECK(set_video_summary(db, "v9", "{}", "").error().kind == ErrorKind::not_found);
  CHECK(mark_video_removed(db, "v9", 1).error().kind == ErrorKind::not_found);
}

TEST_CASE("the files beside a film are those that its index was made with") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  FoundFile with = film("a.mp4");
  with.sidecars = "1 2 a.srt\n";
  CHECK(upsert_video(db, with, "v1", 100).value().sidecars == "1 2 a.srt\n");
  set_video_summary(db, "v1", "{}", "", "1 2 a.srt\n").value();
  with.sidecars = "3 4 a.srt\n";
  CHECK(upsert_video(db, with, "v2", 200).value().sidecars == "1 2 a.srt\n");
  with.size = 1001;
  CHECK(upsert_video(db, with, "v2", 200).value().sidecars == "3 4 a.srt\n");
  set_video_summary(db, "v1", "{}", "", "5 6 a.srt\n").value();
  CHECK(load_videos(db).value().at(0).sidecars == "5 6 a.srt\n");
}
