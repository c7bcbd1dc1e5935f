#include <doctest/doctest.h>

#include "streamer/respond/preconditions.hpp"

using namespace carrel;
using namespace carrel::streamer;
using protocol::Conditions;
using protocol::EntityTag;
using protocol::TagCondition;

namespace {

constexpr std::int64_t kModified = 1'000'000;
const Validators kCurrent{"now", kModified};
const Validators kUndated{"now", std::nullopt};

TagCondition tags(std::vector<EntityTag> list) {
  return {false, std::move(list)};
}
const TagCondition kAny{true, {}};

}  // namespace

TEST_CASE("If-Match compares strongly") {
  Conditions conditions;
  conditions.if_match = tags({{"old", false}, {"now", false}});
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  conditions.if_match = tags({{"now", true}});
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::precondition_failed);
  conditions.if_match = tags({{"old", false}});
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::precondition_failed);
  conditions.if_match = kAny;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
}

TEST_CASE("If-None-Match compares weakly") {
  Conditions conditions;
  conditions.if_none_match = tags({{"now", true}});
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::not_modified);
  conditions.if_none_match = tags({{"old", false}});
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  conditions.if_none_match = kAny;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::not_modified);
}

TEST_CASE("dates") {
  Conditions conditions;
  conditions.if_modified_since = kModified;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::not_modified);
  conditions.if_modified_since = kModified - 1;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  conditions.if_modified_since.reset();
  conditions.if_unmodified_since = kModified;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  conditions.if_unmodified_since = kModified - 1;
  CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::precondition_failed);
  CHECK(evaluate_preconditions(conditions, kUndated) == Verdict::proceed);
}

TEST_CASE("the order of RFC 9110 section 13.2.2") {
  Conditions conditions;
  SUBCASE("If-Match hides If-Unmodified-Since") {
    conditions.if_match = tags({{"now", false}});
    conditions.if_unmodified_since = 0;
    CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  }
  SUBCASE("If-None-Match hides If-Modified-Since") {
    conditions.if_none_match = tags({{"old", false}});
    conditions.if_modified_since = kModified + 100;
    CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::proceed);
  }
  SUBCASE("a failed If-Match comes before If-None-Match") {
    conditions.if_match = tags({{"old", false}});
    conditions.if_none_match = tags({{"now", false}});
    CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::precondition_failed);
  }
  SUBCASE("a true If-Match leaves If-None-Match to decide") {
    conditions.if_match = kAny;
    conditions.if_none_match = tags({{"now", false}});
    CHECK(evaluate_preconditions(conditions, kCurrent) == Verdict::not_modified);
  }
}

TEST_CASE("If-Range") {
  Conditions conditions;
  CHECK(range_applies(conditions, kCurrent));
  conditions.if_range = EntityTag{"now", false};
  CHECK(range_applies(conditions, kCurrent));
  conditions.if_range = EntityTag{"now", true};
  CHECK(!range_applies(conditions, kCurrent));
  conditions.if_range = EntityTag{"old", false};
  CHECK(!range_applies(conditions, kCurrent));
  conditions.if_range = kModified;
  CHECK(range_applies(conditions, kCurrent));
  CHECK(!range_applies(conditions, kUndated));
  conditions.if_range = kModified + 1;
  CHECK(!range_applies(conditions, kCurrent));
}
