#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/http/message.hpp"

namespace carrel::http {

/// The built web page, read into memory once at start: no path from a request ever reaches the file system.
class WebFiles {
 public:
  /// Reads everything below `directory`; a directory without index.html is an error that says how to build
  /// it. With a base path (see Config::Http) index.html is told of it, and looks for its parts there.
  [[nodiscard]] static Result<WebFiles> load(const std::filesystem::path& directory,
                                             std::string_view base_path = {});

  /// In the smallest encoding that `accept_encoding` allows; 404 when there is no such file.
  [[nodiscard]] Response get(std::string_view path, std::string_view accept_encoding) const;

 private:
  using Bytes = std::shared_ptr<const std::string>;
  std::map<std::string, Bytes, std::less<>> files_;
};

}  // namespace carrel::http
