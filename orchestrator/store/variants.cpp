#include "orchestrator/store/variants.hpp"

namespace carrel::store {

Result<std::vector<VariantRow>> load_variants(sqlite::Connection& db) {
  return db.query(
      "SELECT video, name, film_size, film_mtime_ns, bytes, width, height, bandwidth, codec, made_at, "
      "last_used_at FROM variants ORDER BY video, name",
      [](const sqlite::Statement& row) {
        return VariantRow{.video = row.column_text(0),
                          .name = row.column_text(1),
                          .film_size = row.column_int(2),
                          .film_mtime_ns = row.column_int(3),
                          .bytes = row.column_int(4),
                          .width = row.column_int(5),
                          .height = row.column_int(6),
                          .bandwidth = row.column_int(7),
                          .codec = row.column_text(8),
                          .made_at = row.column_int(9),
                          .last_used_at = row.column_int(10)};
      });
}

Result<void> save_variant(sqlite::Connection& db, const VariantRow& variant) {
  return db.run(
      "INSERT OR REPLACE INTO variants (video, name, film_size, film_mtime_ns, bytes, width, height, "
      "bandwidth, codec, made_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      variant.video, variant.name, variant.film_size, variant.film_mtime_ns, variant.bytes, variant.width,
      variant.height, variant.bandwidth, variant.codec, variant.made_at, variant.last_used_at);
}

Result<void> delete_variant(sqlite::Connection& db, std::string_view video, std::string_view name) {
  return db.run("DELETE FROM variants WHERE video = ? AND name = ?", video, name);
}

}  // namespace carrel::store
