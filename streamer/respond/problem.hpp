#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::streamer {

/// A problem document (RFC 9457) of this program; every text is fixed, nothing of a request or a film is in
/// it.
struct Problem {
  std::uint16_t status;
  std::string_view slug;  ///< of `urn:carrel:problem:<slug>`
  std::string_view title;
  std::string_view detail;
};

inline constexpr std::string_view kProblemType = "application/problem+json";

inline constexpr Problem kNoSuchSegment{404, "not-found", "Not found",
                                        "This film has no such track or segment."};
inline constexpr Problem kPreconditionFailed{412, "precondition-failed", "Precondition failed",
                                             "The film is not the one that the request's conditions name."};
inline constexpr Problem kRangeNotSatisfiable{416, "range-not-satisfiable", "Range not satisfiable",
                                              "No requested range lies inside the resource."};
inline constexpr Problem kIndexDamaged{
    503, "index-damaged", "Index damaged",
    "The film's index is damaged or belongs to another version of the film; it has to be made again."};
inline constexpr Problem kInternal{500, "internal", "Internal error", "The film could not be packaged."};

[[nodiscard]] std::string to_json(const Problem& problem);

}  // namespace carrel::streamer
