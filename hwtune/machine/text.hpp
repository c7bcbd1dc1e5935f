#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading of the kernel's texts.
namespace carrel::machine {

/// Without white space and NUL bytes at its ends; the device tree ends its texts with one.
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::string_view separators);
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// All of the text, decimal.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view text);
/// Finite.
[[nodiscard]] std::optional<double> fraction_of(std::string_view text);

/// The value behind "name:" at the beginning of a line (proc(5): meminfo, cpuinfo).
[[nodiscard]] std::optional<std::string_view> field_of(std::string_view text, std::string_view name);

/// The word in brackets: "[mq-deadline] none".
[[nodiscard]] std::optional<std::string> chosen_in(std::string_view text);

}  // namespace carrel::machine
