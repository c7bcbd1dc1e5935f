#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/texts.hpp"
#include "orchestrator/config/values.hpp"
#include "orchestrator/config/written.hpp"

/// Makes the rows of the table in keys.cpp, one function per form of value. `section` and `member` lead to
/// the member of Config; ranges include both ends.
namespace carrel::config::form {

/// What every form has in common: `parse(text)` of the one value, `write(member)`.
template <class S, class T, class Parse, class Write>
[[nodiscard]] Key make(std::string_view name, std::string_view form, std::string_view meaning,
                       S Config::*section, T S::*member, Parse parse, Write write) {
  Key key{.name = name, .form = form, .meaning = meaning, .secret = false, .set = {}, .get = {}};
  key.set = [=](Config& config, const Value& value) -> Result<void> {
    auto text = single(value);
    if (!text) return text.error();
    auto parsed = parse(std::move(*text));
    if (!parsed) return parsed.error();
    (config.*section).*member = static_cast<T>(std::move(*parsed));
    return {};
  };
  key.get = [=](const Config& config) { return write((config.*section).*member); };
  return key;
}

inline constexpr auto write_plainly = [](const auto& value) { return written(value); };

template <class S, class T>
[[nodiscard]] Key count(std::string_view name, S Config::*section, T S::*member, std::int64_t low,
                        std::int64_t high, std::string_view meaning) {
  return make(
      name, "count", meaning, section, member,
      [=](const std::string& text) { return parse_count(text, low, high); },
      [](T value) { return std::to_string(value); });
}

template <class S, class T>
[[nodiscard]] Key size(std::string_view name, S Config::*section, T S::*member, std::uint64_t low,
                       std::uint64_t high, std::string_view meaning) {
  return make(
      name, "size", meaning, section, member,
      [=](const std::string& text) { return parse_size(text, low, high); },
      [](T bytes) { return written_size(bytes); });
}

template <class S>
[[nodiscard]] Key fraction(std::string_view name, S Config::*section, double S::*member, double low,
                           double high, std::string_view meaning) {
  return make(
      name, "fraction", meaning, section, member,
      [=](const std::string& text) { return parse_fraction(text, low, high); }, write_plainly);
}

/// The key, or plain 0 for "as elsewhere".
template <class S, class T>
[[nodiscard]] Key or_zero(Key key, S Config::*section, T S::*member) {
  key.set = [=, set = std::move(key.set)](Config& config, const Value& value) -> Result<void> {
    // A fraction is written with its point.
    if (value != Value{{"0"}, false} && value != Value{{"0.0"}, false}) return set(config, value);
    (config.*section).*member = T{};
    return {};
  };
  return key;
}

template <class S>
[[nodiscard]] Key duration(std::string_view name, S Config::*section, std::chrono::seconds S::*member,
                           std::chrono::seconds low, std::chrono::seconds high, std::string_view meaning) {
  return make(
      name, "duration", meaning, section, member,
      [=](const std::string& text) { return parse_duration(text, low, high); }, write_plainly);
}

template <class S>
[[nodiscard]] Key listen(std::string_view name, S Config::*section, std::string S::*member,
                         std::string_view meaning) {
  const auto parse = [](std::string text) -> Result<std::string> {
    auto address = parse_listen(text);
    if (!address) return address.error();
    return text;
  };
  return make(name, "address:port", meaning, section, member, parse, write_plainly);
}

/// A path that is kept as std::string or std::filesystem::path, of `low` to `high` bytes.
template <class S, class T>
[[nodiscard]] Key path(std::string_view name, S Config::*section, T S::*member, std::size_t low,
                       std::size_t high, std::string_view meaning) {
  return make(
      name, "path", meaning, section, member,
      [=](std::string text) { return check_text(std::move(text), low, high, false); }, write_plainly);
}

/// A list, which `check` reads and `write` shows.
template <class S, class T, class Check, class Write>
[[nodiscard]] Key list(std::string_view name, std::string_view form, std::string_view meaning,
                       S Config::*section, std::vector<T> S::*member, Check check, Write write) {
  Key key{.name = name, .form = form, .meaning = meaning, .secret = false, .set = {}, .get = {}};
  key.set = [=](Config& config, const Value& value) -> Result<void> {
    auto checked = check(value);
    if (!checked) return checked.error();
    (config.*section).*member = std::move(*checked);
    return {};
  };
  key.get = [=](const Config& config) { return write((config.*section).*member); };
  return key;
}

inline constexpr auto write_list = [](const auto& values) { return written(values); };

template <class S>
[[nodiscard]] Key paths(std::string_view name, S Config::*section,
                        std::vector<std::filesystem::path> S::*member, std::string_view meaning) {
  return list(name, "list of paths", meaning, section, member, check_paths, write_list);
}

/// Letters, digits and `others`, at most `high` bytes.
template <class S>
[[nodiscard]] Key name(std::string_view name, S Config::*section, std::string S::*member, std::size_t high,
                       std::string_view others, std::string_view meaning) {
  return make(
      name, "name", meaning, section, member,
      [=](std::string text) { return check_name(std::move(text), high, others); }, write_plainly);
}

/// Empty, or [low, high] bytes; shown nowhere.
template <class S>
[[nodiscard]] Key secret(std::string_view name, S Config::*section, std::string S::*member, std::size_t low,
                         std::size_t high, std::string_view meaning) {
  const auto parse = [=](std::string text) -> Result<std::string> {
    if (text.empty()) return text;
    return check_text(std::move(text), low, high, true);
  };
  Key key = make(name, "text", meaning, section, member, parse, write_plainly);
  key.secret = true;
  return key;
}

template <class S>
[[nodiscard]] Key choice(std::string_view name, S Config::*section, std::string S::*member,
                         std::vector<std::string_view> choices, std::string_view form,
                         std::string_view meaning) {
  return make(
      name, form, meaning, section, member,
      [choices = std::move(choices)](std::string text) { return check_choice(std::move(text), choices); },
      write_plainly);
}

template <class S>
[[nodiscard]] Key flag(std::string_view name, S Config::*section, bool S::*member, std::string_view meaning) {
  const auto parse = [](std::string text) -> Result<bool> {
    auto checked = check_choice(std::move(text), {"true", "false"});
    if (!checked) return checked.error();
    return *checked == "true";
  };
  return make(name, "true or false", meaning, section, member, parse,
              [](bool value) { return std::string(value ? "true" : "false"); });
}

/// Some of the choices; in the environment: separated by commas.
template <class S>
[[nodiscard]] Key names(std::string_view name, S Config::*section, std::vector<std::string> S::*member,
                        std::vector<std::string_view> choices, std::string_view form,
                        std::string_view meaning) {
  const auto check = [choices = std::move(choices)](const Value& value) {
    return check_names(value, choices);
  };
  return list(name, form, meaning, section, member, check, write_list);
}

/// Addresses and networks; in the environment: separated by commas.
template <class S>
[[nodiscard]] Key networks(std::string_view name, S Config::*section, std::vector<Network> S::*member,
                           std::string_view meaning) {
  const auto write = [](const std::vector<Network>& networks) {
    std::vector<std::string> texts;
    for (const Network& network : networks) texts.push_back(to_string(network));
    return written(texts);
  };
  return list(name, "list of networks", meaning, section, member, check_networks, write);
}

/// "PART=LEVEL" each; in the environment: separated by commas.
template <class S>
[[nodiscard]] Key part_levels(std::string_view name, S Config::*section, std::vector<std::string> S::*member,
                              std::string_view meaning) {
  return list(name, "list of PART=LEVEL", meaning, section, member, check_part_levels, write_list);
}

/// Empty, or a path of a URL that begins with a slash and does not end with one.
template <class S>
[[nodiscard]] Key base_path(std::string_view name, S Config::*section, std::string S::*member,
                            std::string_view meaning) {
  return make(
      name, "path of a URL", meaning, section, member,
      [](std::string text) { return check_base_path(std::move(text)); }, write_plainly);
}

}  // namespace carrel::config::form
