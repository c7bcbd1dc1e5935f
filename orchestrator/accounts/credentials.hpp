#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

/// What a user name and a password may be.
namespace carrel::accounts {

/// The one form in which a name is kept and looked up: lower case. ErrorKind::invalid unless it is 1 to 64 of
/// [A-Za-z0-9._@-].
[[nodiscard]] Result<std::string> normalise_name(std::string_view name);

/// 10 to 256 bytes of anything; ErrorKind::invalid otherwise. Asked when a password is set, not when it is
/// tried.
[[nodiscard]] Result<void> check_new_password(std::string_view password);

/// A password of 144 random bits, 24 characters.
[[nodiscard]] std::string generate_password();

}  // namespace carrel::accounts
