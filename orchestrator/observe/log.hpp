#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/error.hpp"

/// The log: one JSON object a line, with "time" (UTC, RFC 3339, ms), "level", "event" and the event's own
/// fields. Any thread. Nothing here waits for the disk or the terminal: a thread of its own writes, and when
/// that falls behind by more than the queue, the oldest lines are dropped and counted. Never log a password,
/// token or cookie.
namespace carrel::log {

enum class Level { debug, info, warn, error };

/// "debug", "info", "warn", "error".
[[nodiscard]] std::optional<Level> parse_level(std::string_view word) noexcept;

/// A value that lives as long as the call it is passed to.
class Value {
 public:
  using Variant = std::variant<std::string_view, std::int64_t, double, bool>;

  template <std::convertible_to<std::string_view> T>
  Value(const T& text) : value_(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  template <std::integral T>
  Value(T number) : value_(from(number)) {}  // NOLINT(google-explicit-constructor)
  Value(double number) : value_(number) {}   // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Variant& get() const noexcept { return value_; }

 private:
  template <class T>
  static Variant from(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return number;
    } else {
      return static_cast<std::int64_t>(number);
    }
  }
  Variant value_;
};

/// The keys "time", "level" and "event" are taken: such a field is left out.
struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// `event` is "subject.happening", e.g. "sandbox.created": constant text, so that lines can be counted by it.
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

/// Whether lines of this level are written; for those whose fields are costly to make.
[[nodiscard]] bool enabled(Level level) noexcept;

struct Options {
  Level level = Level::info;
  std::filesystem::path file;  ///< appended to; empty: standard error
  std::size_t queue = 2048;    ///< lines, at least 1
};

/// Keeps the log open; destroying it writes what is queued. Before the first and after the last one, lines of
/// level info and above go to standard error at once.
class Session {
 public:
  virtual ~Session() = default;
};

/// At most one at a time; call it before other threads log.
[[nodiscard]] Result<std::unique_ptr<Session>> open(const Options& options);

/// Lines dropped since the program's start because writing fell behind.
[[nodiscard]] std::uint64_t dropped() noexcept;

}  // namespace carrel::log
