#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/library/file_key.hpp"
#include "streamer/protocol/message.hpp"

/// Subtitle files beside films: which belongs to which, and what their names say. Names only; what is in them
/// is read by workers alone.
namespace carrel::library {

struct FoundSidecar {
  std::string path;  ///< below the film's root
  FileKey key;
  bool operator==(const FoundSidecar&) const = default;
};

/// The scan takes a file with this extension (lower case, no dot) for subtitles.
[[nodiscard]] bool is_sidecar_extension(std::string_view extension);

/// What is behind the film's own name in `label`: "en.forced", "2_English", "pt-BR.sdh".
[[nodiscard]] protocol::Sidecar describe_sidecar(std::string_view label, std::string_view extension);

/// The number of the film (in `films`, paths below one root) that each of `sidecars` belongs to: the same
/// name up to its end or a mark like a dot, in the same folder or with the file in "Subs" beside it; the
/// longest such name. The only film beside a folder "Subs" has all that is in it. Empty lists where there are
/// none; each sorted, of at most kMaxSidecars.
[[nodiscard]] std::vector<std::vector<FoundSidecar>> match_sidecars(const std::vector<std::string>& films,
                                                                    std::vector<FoundSidecar> sidecars);

/// What the database keeps of a film's sidecars, to tell when they change: a line each. Reading it passes
/// over what is damaged.
[[nodiscard]] std::string sidecars_to_text(const std::vector<FoundSidecar>& sidecars);
[[nodiscard]] std::vector<FoundSidecar> sidecars_from_text(std::string_view text);

/// As a worker is told of a file that belongs to the film at `film`.
[[nodiscard]] protocol::Sidecar sidecar_of(std::string_view film, std::string_view sidecar);

}  // namespace carrel::library
