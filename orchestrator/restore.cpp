#include "orchestrator/restore.hpp"

#include "base/unix_time.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/store/restore.hpp"

namespace carrel {

Result<std::filesystem::path> restore(const config::Config& config, const std::filesystem::path& backup) {
  const auto data = open_data(config.data.dir);
  if (data.has_error()) return data.error();
  return store::restore_database(backup, data->root, unix_now());
}

}  // namespace carrel
