#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/lib/sqlite/connection.hpp"

/// The table of films' pictures that were made anew. Run inside Store::read or write.
namespace carrel::store {

struct VariantRow {
  std::string video;
  std::string name;  ///< "play", "720p", …
  std::int64_t film_size = 0;
  std::int64_t film_mtime_ns = 0;
  std::int64_t bytes = 0;  ///< on the disk, its index included
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t bandwidth = 0;  ///< bits a second, average
  std::string codec;           ///< RFC 6381
  std::int64_t made_at = 0;    ///< seconds since 1970
  std::int64_t last_used_at = 0;
  bool operator==(const VariantRow&) const = default;
};

[[nodiscard]] Result<std::vector<VariantRow>> load_variants(sqlite::Connection& db);

/// In place of one of the same name.
[[nodiscard]] Result<void> save_variant(sqlite::Connection& db, const VariantRow& variant);

[[nodiscard]] Result<void> delete_variant(sqlite::Connection& db, std::string_view video,
                                          std::string_view name);

}  // namespace carrel::store
