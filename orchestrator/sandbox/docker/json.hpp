#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// Reading JSON that somebody else wrote: nothing here throws on a shape that was not expected.
namespace carrel::sandbox::docker {

using Json = nlohmann::json;

/// A discarded value when the text is not JSON.
[[nodiscard]] Json parse_json(std::string_view text);

/// The member; a shared null when `object` is none, or has no such member.
[[nodiscard]] const Json& member(const Json& object, const char* key);
[[nodiscard]] std::string text_of(const Json& object, const char* key);
[[nodiscard]] bool flag_of(const Json& object, const char* key);
[[nodiscard]] std::int64_t number_of(const Json& object, const char* key);

/// The text of a JSON value; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_text(const Json& value);

}  // namespace carrel::sandbox::docker
