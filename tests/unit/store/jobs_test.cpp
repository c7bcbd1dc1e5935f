#include "orchestrator/store/jobs.hpp"

#include <doctest/doctest.h>

#include "fixture.hpp"
#include "orchestrator/store/variants.hpp"

using namespace carrel;
using namespace carrel::store;

namespace {

JobRow some_job() {
  return JobRow{.id = "j1",
                .video = "v1",
                .kind = "convert",
                .quality = "play",
                .film_size = 1'000'000'000'000,
                .film_mtime_ns = 1'700'000'000'123'456'789,
                .state = JobState::running,
                .priority = -5,
                .progress = 430'000,
                .tries = 2,
                .reason = "it's \"odd\"",
                .asked_by = "anna",
                .not_before = 99,
                .created_at = 100,
                .started_at = 110,
                .ended_at = std::nullopt};
}

}  // namespace

TEST_CASE("a job comes back as it was written, and a change replaces it") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  JobRow job = some_job();
  save_job(db, job).value();
  CHECK(load_jobs(db).value() == std::vector{job});
  job.state = JobState::failed;
  job.ended_at = 120;
  job.started_at.reset();
  save_job(db, job).value();
  CHECK(load_jobs(db).value() == std::vector{job});
  delete_job(db, "j1").value();
  CHECK(load_jobs(db).value().empty());
}

TEST_CASE("one thing has one job") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  JobRow job = some_job();
  save_job(db, job).value();
  job.id = "j2";
  CHECK(save_job(db, job).error().kind == ErrorKind::conflict);
  job.quality = "720p";
  CHECK(save_job(db, job).has_value());
}

TEST_CASE("jobs are listed by age") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  JobRow young = some_job();
  JobRow old = some_job();
  old.id = "j2";
  old.quality = "480p";
  old.created_at = 50;
  save_job(db, young).value();
  save_job(db, old).value();
  CHECK(load_jobs(db).value() == std::vector{old, young});
}

TEST_CASE("a variant comes back as it was written, one for each name") {
  test::MigratedDatabase database;
  auto& db = database.connection();
  VariantRow variant{.video = "v1",
                     .name = "720p",
                     .film_size = 5,
                     .film_mtime_ns = 7,
                     .bytes = 1'000'000'000'000,
                     .width = 1280,
                     .height = 720,
                     .bandwidth = 3'000'000,
                     .codec = "avc1.64001f",
                     .made_at = 100,
                     .last_used_at = 110};
  save_variant(db, variant).value();
  CHECK(load_variants(db).value() == std::vector{variant});
  variant.last_used_at = 200;
  save_variant(db, variant).value();
  CHECK(load_variants(db).value() == std::vector{variant});
  delete_variant(db, "v1", "play").value();
  CHECK(load_variants(db).value().size() == 1);
  delete_variant(db, "v1", "720p").value();
  CHECK(load_variants(db).value().empty());
}
