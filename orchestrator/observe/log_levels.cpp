#include "orchestrator/observe/log_levels.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace carrel::log {
namespace {

std::mutex g_mutex;
Levels g_levels;
// What most lines are decided by, without a lock.
std::atomic<Level> g_lowest{Level::info};
std::atomic<bool> g_alike{true};

/// Of g_levels, whose lock the caller has.
void publish() {
  Level lowest = g_levels.general;
  for (const auto& [part, level] : g_levels.parts) lowest = std::min(lowest, level);
  g_lowest = lowest;
  g_alike = g_levels.parts.empty();
}

}  // namespace

Levels levels_from(std::string_view general, const std::vector<std::string>& parts) {
  Levels levels;
  levels.general = parse_level(general).value_or(Level::info);
  for (const std::string& one : parts) {
    const auto equals = one.find('=');
    if (equals == std::string::npos) continue;
    if (const auto level = parse_level(std::string_view(one).substr(equals + 1))) {
      levels.parts.emplace_back(one.substr(0, equals), *level);
    }
  }
  return levels;
}

void set_levels(Levels levels) {
  const std::lock_guard lock(g_mutex);
  g_levels = std::move(levels);
  publish();
}

Levels levels() {
  const std::lock_guard lock(g_mutex);
  return g_levels;
}

void set_general_level(Level level) {
  const std::lock_guard lock(g_mutex);
  g_levels.general = level;
  publish();
}

bool enabled(Level level) noexcept {
  return level >= g_lowest.load(std::memory_order_relaxed);
}

bool writes(Level level, std::string_view event) noexcept {
  if (!enabled(level)) return false;
  if (g_alike.load(std::memory_order_relaxed)) return true;
  const std::string_view part = event.substr(0, event.find('.'));
  const std::lock_guard lock(g_mutex);
  Level wanted = g_levels.general;
  for (const auto& [name, own] : g_levels.parts) {
    if (name == part) wanted = own;
  }
  return level >= wanted;
}

}  // namespace carrel::log
