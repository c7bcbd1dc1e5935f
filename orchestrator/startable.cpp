#include "orchestrator/startable.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include "orchestrator/http/socket_file.hpp"
#include "orchestrator/http/web_files.hpp"
#include "orchestrator/part_options.hpp"
#include "orchestrator/reload.hpp"

namespace carrel {

namespace fs = std::filesystem;

namespace {

Result<void> check_page(const config::Config& config) {
  const auto page = http::WebFiles::load(web_directory(config), config.http.base_path);
  return page.has_error() ? Result<void>(page.error()) : Result<void>();
}

/// What cannot be looked at is left to the start, which is another user's.
Result<void> check_data(const fs::path& root) {
  std::error_code error;
  for (fs::path part = root; part.has_relative_path(); part = part.parent_path()) {
    if (!fs::exists(part, error)) continue;
    if (fs::is_directory(part, error) || error) return {};
    return make_error(ErrorKind::invalid, "data.dir: " + part.string() + " is no folder");
  }
  return {};
}

Result<void> check_admin_socket(const config::Config& config, const fs::path& root) {
  std::error_code error;
  // Before a first start, which makes the folder, nobody's place could fail to be taken.
  if (config.admin.socket.empty() || !fs::exists(root, error)) return {};
  const auto checked = http::check_socket_path(root / config.admin.socket);
  if (checked.has_error()) return make_error(ErrorKind::invalid, "admin.socket: " + checked.error().message);
  return {};
}

}  // namespace

Result<void> check_startable(const config::Config& config) {
  std::error_code error;
  const fs::path root = fs::absolute(config.data.dir, error).lexically_normal();
  for (const auto& checked :
       {check_certificate(config), check_page(config), check_data(root), check_admin_socket(config, root)}) {
    if (checked.has_error()) return checked;
  }
  return {};
}

}  // namespace carrel
