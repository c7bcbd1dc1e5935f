#include "orchestrator/cli/backups/settings.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/unix_time.hpp"
#include "orchestrator/backup/bundle.hpp"
#include "orchestrator/store/durable.hpp"

namespace carrel::cli::backups {

namespace fs = std::filesystem;

namespace {

bool same_content(const fs::path& a, const fs::path& b) {
  auto first = backup::read_file(a, {});
  auto second = backup::read_file(b, {});
  if (first.has_error() || second.has_error()) return false;
  std::string contents[2];
  backup::Reader* readers[2] = {first->get(), second->get()};
  for (int i = 0; i < 2; ++i) {
    for (;;) {
      const auto bytes = readers[i]->read(64 << 10);
      if (bytes.has_error()) return false;
      if (bytes->empty()) break;
      contents[i] += *bytes;
    }
  }
  return contents[0] == contents[1];
}

/// With the owner of the folder's own, so that the daemon's group can read what it could before.
Result<void> copy_beside(const fs::path& from, const fs::path& to, unsigned mode) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return errno_error("write " + to.string(), error.value());
  struct stat parent {};
  if (::geteuid() == 0 && ::stat(to.parent_path().c_str(), &parent) == 0 &&
      ::chown(to.c_str(), parent.st_uid, parent.st_gid) != 0) {
    return errno_error("give " + to.string() + " to its owner", errno);
  }
  if (::chmod(to.c_str(), mode) != 0) return errno_error("set the mode of " + to.string(), errno);
  return {};
}

/// What is moved durably is not found through links.
fs::path in_real_folder(const fs::path& path) {
  std::error_code error;
  const fs::path folder = fs::canonical(path.parent_path(), error);
  return error ? path : folder / path.filename();
}

}  // namespace

Result<void> SettingsChange::put(const backup::Manifest& manifest, const fs::path& folder, bool over) {
  std::error_code error;
  for (const auto& part : manifest.parts) {
    if (part.origin.empty()) continue;
    const fs::path from = folder / part.name;
    const bool there = fs::exists(part.origin, error);
    if (there && same_content(from, part.origin)) continue;
    if (there && !over) {
      kept_.push_back(part.origin);
      continue;
    }
    const fs::path beside = part.origin + ".restoring";
    auto written = copy_beside(from, beside, part.mode);
    fs::path aside;
    if (written && there) {
      // A second name, so that the first one always has a file.
      aside = part.origin + ".before-restore-" + time_stamp(unix_now());
      fs::create_hard_link(part.origin, aside, error);
      if (error) {
        written = errno_error("set " + part.origin + " aside", error.value());
        aside.clear();
      }
    }
    if (written) written = store::move_durably(beside, in_real_folder(part.origin));
    if (!written) {
      fs::remove(beside, error);
      if (!there || !aside.empty()) take_back({part.origin, aside});
      return written;
    }
    placed_.push_back({part.origin, aside});
  }
  return {};
}

SettingsChange::~SettingsChange() {
  if (stays_) return;
  for (const Placed& one : placed_) take_back(one);
}

void SettingsChange::take_back(const Placed& one) {
  std::error_code ignored;
  if (one.aside.empty()) {
    fs::remove(one.origin, ignored);
    return;
  }
  // Does nothing where both are still names of the old file.
  fs::rename(one.aside, one.origin, ignored);
  fs::remove(one.aside, ignored);
}

std::vector<std::string> SettingsChange::origins() const {
  std::vector<std::string> all;
  for (const Placed& one : placed_) all.push_back(one.origin);
  return all;
}

}  // namespace carrel::cli::backups
