#pragma once

#include "streamer/protocol/message.hpp"
#include "streamer/respond/validators.hpp"

namespace carrel::streamer {

enum class Verdict { proceed, not_modified, precondition_failed };

/// RFC 9110 section 13.2.2, for GET and HEAD of an existing resource.
[[nodiscard]] Verdict evaluate_preconditions(const protocol::Conditions& conditions,
                                             const Validators& current);

/// RFC 9110 section 13.1.5: whether If-Range (when sent) lets the Range header count.
[[nodiscard]] bool range_applies(const protocol::Conditions& conditions, const Validators& current);

}  // namespace carrel::streamer
