#include "orchestrator/store/store.hpp"

#include <string>

#include "orchestrator/store/files.hpp"
#include "orchestrator/store/migrations.hpp"

namespace carrel::store {

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                           std::uint64_t cache_bytes) {
  auto prepared = prepare_directory(directory);
  if (!prepared) return prepared.error();
  const auto file = directory / "carrel.db";
  // SQLite gives its -wal and -shm files the mode of the database.
  auto made = prepare_file(file);
  if (!made) return made.error();

  auto writer = sqlite::Connection::open(file, sqlite::Access::read_write);
  if (!writer) return writer.error();
  auto migrated = migrate(*writer, migrations());
  if (!migrated) {
    auto error = migrated.error();
    error.message += " (" + file.string() + ")";
    return error;
  }
  // Negative: kibibytes, not pages (sqlite.org/pragma.html#pragma_cache_size).
  const std::string cache = "PRAGMA cache_size=-" + std::to_string(cache_bytes >> 10U);
  auto bounded = writer->execute(cache);
  if (!bounded) return bounded.error();
  std::vector<sqlite::Connection> idle_readers;
  for (std::size_t i = 0; i < readers; ++i) {
    auto reader = sqlite::Connection::open(file, sqlite::Access::read_only);
    if (!reader) return reader.error();
    bounded = reader->execute(cache);
    if (!bounded) return bounded.error();
    idle_readers.push_back(std::move(*reader));
  }
  return std::unique_ptr<Store>(new Store(std::move(*writer), std::move(idle_readers)));
}

Store::Store(sqlite::Connection writer, std::vector<sqlite::Connection> idle_readers)
    : writer_(std::move(writer)), idle_readers_(std::move(idle_readers)) {}

namespace {

sqlite::Connection take_last(std::mutex& mutex, std::vector<sqlite::Connection>& connections) {
  const std::lock_guard lock(mutex);
  sqlite::Connection connection = std::move(connections.back());
  connections.pop_back();
  return connection;
}

}  // namespace

Store::Loan::Loan(Store& store)
    : store_(store), connection_(take_last(store.readers_mutex_, store.idle_readers_)) {}

Store::Loan::~Loan() {
  const std::lock_guard lock(store_.readers_mutex_);
  store_.idle_readers_.push_back(std::move(connection_));
}

}  // namespace carrel::store
