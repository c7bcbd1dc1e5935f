#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "orchestrator/library/file_key.hpp"
#include "orchestrator/store/videos.hpp"
#include "streamer/protocol/message.hpp"

namespace carrel::library {

using store::VideoState;

/// A film as the daemon knows it.
struct Video {
  store::VideoRow row;
  std::optional<protocol::Indexed> facts;  ///< what its worker said; set when ready

  std::string sidecars;  ///< as last seen, for sidecars_from_text(); row has those indexed

  enum class Remake {
    none,
    wanted,
    running
  } remake = Remake::none;                              ///< of the index of a film that is ready
  std::chrono::steady_clock::time_point next_remake{};  ///< none before, on a sandbox's word alone
  bool index_doubted = false;                           ///< it is called damaged, or was lost
  std::optional<FileIdentity> index_made;               ///< by this daemon, as it was put in place

  [[nodiscard]] bool playable() const { return row.state == VideoState::ready && facts && facts->playable; }
};

/// By content, where its worker named a type that Carrel knows (a hostile one could name any), else by
/// extension.
[[nodiscard]] std::string media_type_of(const Video& video);

/// What a worker said of a film, as the JSON text that the database keeps.
[[nodiscard]] std::string facts_to_json(const protocol::Indexed& facts);
[[nodiscard]] Result<protocol::Indexed> facts_from_json(const std::string& text);

[[nodiscard]] std::string_view to_string(VideoState state);
[[nodiscard]] std::string_view to_string(protocol::TrackKind kind);

}  // namespace carrel::library
