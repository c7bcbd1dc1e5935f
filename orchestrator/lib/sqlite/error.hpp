#pragma once

#include <string_view>

#include "base/error.hpp"

struct sqlite3;

namespace carrel::sqlite {

/// The error that `code` and the connection's last message describe; `sql` names the statement in it.
[[nodiscard]] Error describe(sqlite3* database, int code, std::string_view sql);

}  // namespace carrel::sqlite
