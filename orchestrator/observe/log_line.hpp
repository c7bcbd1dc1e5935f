#pragma once

#include <chrono>
#include <string>

#include "orchestrator/observe/log.hpp"

namespace carrel::log {

[[nodiscard]] std::string_view word_of(Level level) noexcept;

/// One line without its end. Long texts are cut at 8 KiB; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string make_line(std::chrono::system_clock::time_point time, Level level,
                                    std::string_view event, Fields fields);

}  // namespace carrel::log
