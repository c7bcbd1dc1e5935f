#include "streamer/respond/preconditions.hpp"

#include <algorithm>

namespace carrel::streamer {
namespace {

using protocol::EntityTag;
using protocol::TagCondition;

// Our own tags are strong, so only the client's side can be weak (RFC 9110 section 8.8.3.2).
bool matches_strongly(const EntityTag& tag, const Validators& current) {
  return !tag.weak && tag.opaque == current.etag;
}

bool matches_weakly(const EntityTag& tag, const Validators& current) {
  return tag.opaque == current.etag;
}

bool any_matches(const TagCondition& condition, const Validators& current,
                 bool (*matches)(const EntityTag&, const Validators&)) {
  return condition.any ||
         std::ranges::any_of(condition.tags, [&](const EntityTag& tag) { return matches(tag, current); });
}

}  // namespace

Verdict evaluate_preconditions(const protocol::Conditions& conditions, const Validators& current) {
  if (conditions.if_match) {
    if (!any_matches(*conditions.if_match, current, matches_strongly)) {
      return Verdict::precondition_failed;
    }
  } else if (conditions.if_unmodified_since && current.last_modified) {
    if (*current.last_modified > *conditions.if_unmodified_since) {
      return Verdict::precondition_failed;
    }
  }
  if (conditions.if_none_match) {
    if (any_matches(*conditions.if_none_match, current, matches_weakly)) {
      return Verdict::not_modified;
    }
  } else if (conditions.if_modified_since && current.last_modified) {
    if (*current.last_modified <= *conditions.if_modified_since) {
      return Verdict::not_modified;
    }
  }
  return Verdict::proceed;
}

bool range_applies(const protocol::Conditions& conditions, const Validators& current) {
  if (!conditions.if_range) {
    return true;
  }
  if (const auto* tag = std::get_if<EntityTag>(&*conditions.if_range)) {
    return matches_strongly(*tag, current);
  }
  return current.last_modified == std::get<std::int64_t>(*conditions.if_range);
}

}  // namespace carrel::streamer
