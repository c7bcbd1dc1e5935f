#include "orchestrator/observe/sandbox_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace carrel::log {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kIdLength = 36;

/// Quotes within a text are escaped, so that this can only be the field itself.
std::string_view sandbox_of(std::string_view line) {
  constexpr std::string_view kField = R"(,"sandbox":")";
  const auto field = line.find(kField);
  if (field == std::string_view::npos) return {};
  const auto id = line.substr(field + kField.size(), kIdLength);
  const bool right = id.size() == kIdLength &&
                     line.substr(field + kField.size() + kIdLength).starts_with('"') &&
                     id.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
  return right ? id : std::string_view();
}

}  // namespace

void SandboxFiles::write(std::string_view line) const {
  const auto id = sandbox_of(line);
  if (id.empty()) return;
  const fs::path path = folder_ / (std::string(id) + ".log");
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd file(::open(path.c_str(), kFlags));
  if (!file) {
    make_room();
    file = UniqueFd(::open(path.c_str(), kFlags | O_CREAT, 0600));
  }
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return;
  if (static_cast<std::uintmax_t>(status.st_size) + line.size() + 1 > kMostBytes) return;
  std::string whole(line);
  whole += '\n';
  static_cast<void>(::write(file.get(), whole.data(), whole.size()) < 0);
}

void SandboxFiles::make_room() const {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().extension() == ".log")
      files.emplace_back(entry->last_write_time(ignored), entry->path());
  }
  std::ranges::sort(files);
  for (std::size_t i = 0; i + kMostFiles <= files.size(); ++i) fs::remove(files[i].second, error);
}

}  // namespace carrel::log
