#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of where users stopped watching. Run inside Store::read or write.
namespace carrel::store {

struct PositionRow {
  std::string user_id;
  std::string video;
  std::int64_t seconds = 0;     ///< of the film, at least 1
  std::int64_t updated_at = 0;  ///< seconds since 1970
};

/// Seconds by video.
using Positions = std::map<std::string, std::int64_t, std::less<>>;

[[nodiscard]] Result<Positions> load_positions(sqlite::Connection& db, std::string_view user_id);
[[nodiscard]] Result<std::optional<std::int64_t>> find_position(sqlite::Connection& db,
                                                                std::string_view user_id,
                                                                std::string_view video);

/// In place of an earlier one; beyond `most` of a user those go that were written longest ago.
/// ErrorKind::conflict: there is no such user or video.
[[nodiscard]] Result<void> save_position(sqlite::Connection& db, const PositionRow& position,
                                         std::size_t most);
/// An absent one is success.
[[nodiscard]] Result<void> delete_position(sqlite::Connection& db, std::string_view user_id,
                                           std::string_view video);

}  // namespace carrel::store
