#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel {

/// The folders below data.dir; made with mode 0700.
struct DataDirectories {
  std::filesystem::path root;
  std::filesystem::path run;      ///< control sockets
  std::filesystem::path indexes;  ///< one file per film
  std::filesystem::path variants;
  std::filesystem::path pictures;
  UniqueFd lock;  ///< held as long as this value lives
};

/// ErrorKind::conflict: another daemon works on the same data.
[[nodiscard]] Result<DataDirectories> open_data(const std::filesystem::path& directory);

/// A value that is made up at first start and kept in the database.
boost::asio::awaitable<Result<std::string>> remembered(store::Store& store, std::string key,
                                                       std::string made_up);

}  // namespace carrel
