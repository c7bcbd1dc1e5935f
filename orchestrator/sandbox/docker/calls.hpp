#pragma once

#include <array>
#include <string_view>

namespace carrel::sandbox {

/// Every name and every outcome that DockerOptions::on_call is given, for those who must know them
/// beforehand.
inline constexpr std::array<std::string_view, 14> kEngineCalls = {
    "version", "info", "create", "start", "inspect", "kill",  "remove",
    "list",    "logs", "update", "image", "stats",   "pause", "unpause"};

/// refused: a 4xx answer; failed: 5xx, or no sensible answer; unreachable: no connection.
inline constexpr std::array<std::string_view, 5> kEngineOutcomes = {"ok", "refused", "failed", "timeout",
                                                                    "unreachable"};

}  // namespace carrel::sandbox
