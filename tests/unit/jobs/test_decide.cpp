#include <doctest/doctest.h>

#include <algorithm>

#include "films.hpp"
#include "orchestrator/jobs/decide.hpp"

using namespace carrel;
using namespace carrel::jobs;
using store::JobRow;
using store::JobState;
using store::VariantRow;

namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

JobRow job(std::string id, std::string video, std::string quality, JobState state) {
  JobRow row;
  row.id = std::move(id);
  row.video = std::move(video);
  row.kind = kConvert;
  row.quality = std::move(quality);
  row.film_size = 5;
  row.film_mtime_ns = 7;
  row.state = state;
  row.created_at = 100;
  return row;
}

VariantRow variant(std::string video, std::string name, std::uint64_t bytes, std::int64_t used) {
  VariantRow row;
  row.video = std::move(video);
  row.name = std::move(name);
  row.film_size = 5;
  row.film_mtime_ns = 7;
  row.bytes = static_cast<std::int64_t>(bytes);
  row.last_used_at = used;
  return row;
}

World world(std::vector<Film> films) {
  World world;
  world.now = 10'000;
  world.policy.max_bytes = 100 * kGigabyte;
  world.free_bytes = 500 * kGigabyte;
  for (Film& film : films) {
    std::string id = film.id;
    world.films.emplace(std::move(id), std::move(film));
  }
  return world;
}

using Starts = std::vector<std::string>;

}  // namespace

TEST_CASE("films that do not play get a job, once") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  CHECK(decide(w).make == std::vector{Wanted{"v1", "play"}});
  for (const JobState state : {JobState::waiting, JobState::running, JobState::failed, JobState::cancelled}) {
    w.jobs = {job("j1", "v1", "play", state)};
    CHECK(decide(w).make.empty());
  }
  w.jobs.clear();
  w.policy.automatic = false;
  CHECK(decide(w) == Decision{});
}

TEST_CASE("what only some browsers lack is made when somebody asks") {
  Film modern = test::good_film("v1");
  modern.not_everywhere = true;
  World w = world({modern});
  CHECK(decide(w) == Decision{});
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  w.jobs[0].asked_by = "anna";
  CHECK(decide(w).start == Starts{"j1"});
}

TEST_CASE("rungs are made of films with more lines when they are configured") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  w.policy.automatic = false;
  w.policy.rungs = {"720p", "480p"};
  CHECK(decide(w).make == std::vector{Wanted{"v1", "480p"}, Wanted{"v2", "720p"}, Wanted{"v2", "480p"}});
  w.variants = {variant("v1", "480p", 1, 1), variant("v2", "720p", 1, 1), variant("v2", "480p", 1, 1)};
  CHECK(decide(w).make.empty());
}

TEST_CASE("what there is of one film or rung, or another kind of job, stands for no other") {
  World w = world({test::good_film("v1"), test::good_film("v2"), test::good_film("v3")});
  w.policy.rungs = {"720p", "480p"};
  w.policy.max_bytes = 0;  // what is done but was removed has no room
  w.variants = {variant("v1", "480p", 0, 1), variant("v2", "720p", 0, 1), variant("v4", "720p", 0, 1)};
  w.jobs = {job("j1", "v1", "480p", JobState::done), job("j2", "v2", "720p", JobState::done),
            job("j3", "v3", "480p", JobState::done), job("j4", "v3", "720p", JobState::failed),
            job("j5", "v2", "480p", JobState::failed)};
  CHECK(decide(w).make == std::vector{Wanted{"v1", "720p"}});
  w.jobs[4].kind = "another";
  CHECK(decide(w).make == std::vector{Wanted{"v1", "720p"}, Wanted{"v2", "480p"}});
}

TEST_CASE("priority goes first, then age; as many run as there are workers") {
  World w = world({test::old_film("v1"), test::old_film("v2"), test::old_film("v3")});
  w.jobs = {job("young", "v1", "play", JobState::waiting), job("old", "v2", "play", JobState::waiting),
            job("urgent", "v3", "play", JobState::waiting)};
  w.jobs[1].created_at = 50;
  w.jobs[2].priority = 10;
  CHECK(decide(w).start == Starts{"urgent"});
  w.policy.workers = 2;
  CHECK(decide(w).start == Starts{"urgent", "old"});
  w.policy.workers = 5;
  CHECK(decide(w).start == Starts{"urgent", "old", "young"});
  w.policy.workers = 2;
  w.jobs[0].state = JobState::running;
  CHECK(decide(w).start == Starts{"urgent"});
}

TEST_CASE("a job that failed waits for its time") {
  World w = world({test::old_film("v1")});
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  w.jobs[0].not_before = 10'060;
  CHECK(decide(w).start.empty());
  CHECK(decide(w).look_again == 10'060);
  w.now = 10'060;
  CHECK(decide(w).start == Starts{"j1"});
  CHECK_FALSE(decide(w).look_again.has_value());
}

TEST_CASE("a clock that was ahead and is set back keeps no job waiting and no variant in use") {
  World w = world({test::good_film("v1")});
  w.policy.automatic = false;
  w.jobs = {job("j1", "v1", "720p", JobState::waiting)};
  w.jobs[0].not_before = w.now + 86'400;
  CHECK(decide(w).start.empty());
  w.jobs[0].not_before = w.now + 86'401;
  CHECK(decide(w).start == Starts{"j1"});
  w.jobs.clear();
  w.policy.max_bytes = kGigabyte;
  w.variants = {variant("v1", "480p", 2 * kGigabyte, w.now + 60)};
  CHECK(decide(w).remove.empty());
  w.variants[0].last_used_at = w.now + 61;
  CHECK(decide(w).remove.size() == 1);
}

TEST_CASE("pauses between tries grow, and tries end") {
  CHECK(next_try(1000, 1, 3) == 1060);
  CHECK(next_try(1000, 2, 3) == 1300);
  CHECK_FALSE(next_try(1000, 3, 3).has_value());
  CHECK_FALSE(next_try(1000, 1, 1).has_value());
  CHECK(next_try(1000, 6, 100) == 1000 + 86'400);
  CHECK(next_try(1000, 99, 100) == 1000 + 86'400);
}

TEST_CASE("what was made of a film that changed goes") {
  World w = world({test::old_film("v1")});
  w.films.at("v1").mtime_ns = 8;
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  w.variants = {variant("v1", "480p", kGigabyte, 1)};
  const Decision waiting = decide(w);
  CHECK(waiting.drop == Starts{"j1"});
  CHECK(waiting.start.empty());
  REQUIRE(waiting.remove.size() == 1);
  CHECK(waiting.remove[0].name == "480p");
  CHECK(waiting.make == std::vector{Wanted{"v1", "play"}});

  w.jobs[0].state = JobState::running;
  const Decision running = decide(w);
  CHECK(running.drop.empty());
  REQUIRE(running.interrupt.size() == 1);
  CHECK(running.interrupt[0].job == "j1");
}

TEST_CASE("with fewer workers than run, those that nobody waits for are paused, and none is started") {
  World w = world({test::old_film("v1"), test::old_film("v2"), test::old_film("v3")});
  w.jobs = {job("j1", "v1", "play", JobState::running), job("j2", "v2", "play", JobState::running),
            job("j3", "v3", "play", JobState::waiting)};
  w.jobs[0].priority = 1;
  w.jobs[1].started_at = 200;
  w.policy.workers = 2;
  CHECK(decide(w).pause.empty());
  w.policy.workers = 1;
  w.policy.held_because = "too hot";
  CHECK(decide(w).pause == std::vector{Because{"j2", "too hot"}});
  w.policy.workers = 0;
  const Decision held = decide(w);
  CHECK(held.pause.size() == 2);
  CHECK(held.start.empty());
  CHECK(held.interrupt.empty());
}

TEST_CASE("a film that is away keeps what was made of it, and nothing is begun") {
  World w = world({});
  w.jobs = {job("j1", "v1", "play", JobState::waiting), job("j2", "v2", "play", JobState::running)};
  w.variants = {variant("v1", "480p", kGigabyte, 1)};
  CHECK(decide(w) == Decision{});
}

TEST_CASE("a film that is being looked at again is waited for") {
  World w = world({test::old_film("v1")});
  w.films.at("v1").ready = false;
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  CHECK(decide(w) == Decision{});
}

TEST_CASE("what is not needed, or cannot fit, fails with the reason") {
  World w = world({test::good_film("v1"), test::old_film("v2")});
  w.jobs = {job("j1", "v1", "play", JobState::waiting), job("j2", "v2", "play", JobState::waiting)};
  w.policy.max_bytes = kGigabyte / 2;
  const Decision decision = decide(w);
  CHECK(decision.start.empty());
  REQUIRE(decision.fail.size() == 2);
  CHECK(decision.fail[0].job == "j1");
  CHECK(decision.fail[1].job == "j2");
  CHECK(decision.fail[1].reason.find("variants.max_bytes is 0.5 GB") != std::string::npos);
}

TEST_CASE("beyond the bound the ones used longest ago go, those of films that are away before them") {
  World w = world({test::good_film("v1"), test::good_film("v2")});
  w.policy.max_bytes = 3 * kGigabyte;
  w.variants = {variant("v1", "480p", 2 * kGigabyte, 500), variant("v2", "480p", kGigabyte, 400),
                variant("gone", "480p", kGigabyte, 900)};
  std::vector<std::string> removed;
  for (const Removal& one : decide(w).remove) removed.push_back(one.video);
  CHECK(removed == Starts{"gone"});
  w.policy.max_bytes = 2 * kGigabyte;
  removed.clear();
  for (const Removal& one : decide(w).remove) removed.push_back(one.video);
  CHECK(removed == Starts{"gone", "v2"});
}

TEST_CASE("for what somebody asked for others give way, for what nobody asked for none does") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  w.variants = {variant("v2", "720p", 2 * kGigabyte, 500), variant("v2", "360p", kGigabyte, 400)};
  w.policy.max_bytes = 4 * kGigabyte;
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};  // 1.4 GB at most
  CHECK(decide(w).start.empty());
  CHECK(decide(w).remove.empty());
  w.jobs[0].asked_by = "anna";
  const Decision decision = decide(w);
  CHECK(decision.start == Starts{"j1"});
  REQUIRE(decision.remove.size() == 1);
  CHECK(decision.remove[0].name == "360p");
}

TEST_CASE("what runs has its room kept, and what it wrote is counted once") {
  World w = world({test::old_film("v1"), test::old_film("v2")});
  w.policy.workers = 2;
  w.policy.max_bytes = 2 * kGigabyte;
  w.jobs = {job("j1", "v1", "play", JobState::running), job("j2", "v2", "play", JobState::waiting)};
  CHECK(decide(w).start.empty());
  w.policy.max_bytes = 3 * kGigabyte;
  CHECK(decide(w).start == Starts{"j2"});
  w.begun_bytes = {{"j1", kGigabyte}, {"j2", kGigabyte}};
  CHECK(decide(w).start == Starts{"j2"});
}

TEST_CASE("some of the disk stays free") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  w.jobs[0].asked_by = "anna";
  w.free_bytes = 2 * kGigabyte;
  CHECK(decide(w).start.empty());
  w.variants = {variant("v2", "720p", kGigabyte, 500)};
  const Decision decision = decide(w);
  CHECK(decision.start == Starts{"j1"});
  CHECK(decision.remove.size() == 1);
}

TEST_CASE("what was removed to make room is made again only where there is room") {
  World w = world({test::old_film("v1")});
  w.jobs = {job("j1", "v1", "play", JobState::done)};
  CHECK(decide(w).make == std::vector{Wanted{"v1", "play"}});
  w.variants = {variant("v1", "play", kGigabyte, 1)};
  CHECK(decide(w).make.empty());
  w.variants = {variant("v2", "play", 99 * kGigabyte, 1)};
  CHECK(decide(w).make.empty());
}

TEST_CASE("a variant that somebody watches is not taken, and is looked at again when it may be") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  w.policy.max_bytes = 3 * kGigabyte;
  w.variants = {variant("v2", "720p", 2 * kGigabyte, w.now - 600),
                variant("gone", "480p", 2 * kGigabyte, w.now - 300)};
  const Decision bound = decide(w);
  CHECK(bound.remove.empty());
  CHECK(bound.look_again == w.now + 1);

  w.policy.max_bytes = 5 * kGigabyte;
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};  // 1.4 GB at most
  w.jobs[0].asked_by = "anna";
  const Decision asked = decide(w);
  CHECK(asked.start.empty());
  CHECK(asked.remove.empty());
  CHECK(asked.look_again == w.now + 1);

  w.now += 1;
  const Decision later = decide(w);
  CHECK(later.start == Starts{"j1"});
  REQUIRE(later.remove.size() == 1);
  CHECK(later.remove[0].video == "v2");
}

TEST_CASE("what was begun of films that are away goes when room is needed, before any variant") {
  World w = world({test::old_film("v1"), test::good_film("v2")});
  w.policy.max_bytes = 5 * kGigabyte;
  w.jobs = {job("j1", "v1", "play", JobState::waiting), job("j2", "gone", "play", JobState::waiting),
            job("j3", "away", "play", JobState::running)};
  w.policy.workers = 2;
  w.variants = {variant("v2", "720p", kGigabyte, 500)};
  w.begun_bytes = {{"j2", kGigabyte}, {"j3", kGigabyte}};
  const Decision enough = decide(w);
  CHECK(enough.start == Starts{"j1"});
  CHECK(enough.discard.empty());

  w.policy.max_bytes = 4 * kGigabyte;  // even what nobody asked for may have it
  const Decision short_of = decide(w);
  CHECK(short_of.start == Starts{"j1"});
  CHECK(short_of.discard == Starts{"j2"});
  CHECK(short_of.drop.empty());
  CHECK(short_of.remove.empty());

  w.jobs.erase(w.jobs.begin());
  w.policy.automatic = false;
  w.policy.max_bytes = 5 * kGigabyte / 2;
  const Decision bound = decide(w);
  CHECK(bound.discard == Starts{"j2"});
  CHECK(bound.remove.empty());
}

TEST_CASE("what is done but was removed is made again in the room of what was begun of films that are away") {
  World w = world({test::old_film("v1")});
  w.policy.max_bytes = 2 * kGigabyte;
  w.jobs = {job("j1", "v1", "play", JobState::done), job("j2", "gone", "play", JobState::waiting)};
  w.begun_bytes = {{"j2", 2 * kGigabyte}};
  CHECK(decide(w).make == std::vector{Wanted{"v1", "play"}});
}

TEST_CASE("what somebody asked for is renewed when the film changes, and waits until it is known anew") {
  Film changed = test::old_film("v1");
  changed.size = 6;
  World w = world({changed});
  w.jobs = {job("j1", "v1", "play", JobState::waiting)};
  w.jobs[0].asked_by = "anna";
  Decision decision = decide(w);
  CHECK(decision.renew == Starts{"j1"});
  CHECK(decision.drop.empty());
  CHECK(decision.make.empty());
  CHECK(decision.start.empty());
  w.films.at("v1").ready = false;
  CHECK(decide(w) == Decision{});
  w.films.at("v1") = test::good_film("v1");
  w.films.at("v1").size = 6;
  decision = decide(w);
  CHECK(decision.renew.empty());
  REQUIRE(decision.fail.size() == 1);
  CHECK(decision.fail[0].job == "j1");
  w.jobs[0].state = JobState::failed;
  CHECK(decide(w).drop == Starts{"j1"});
}
