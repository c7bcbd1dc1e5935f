#pragma once

#include <span>
#include <string>
#include <string_view>

namespace carrel::config {

/// "; did you mean X?" with the candidate nearest to `name`, or nothing when none is near. A name that lacks
/// its section is near: "listen" means "http.listen".
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace carrel::config
