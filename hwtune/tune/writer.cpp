#include "hwtune/tune/writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "hwtune/machine/text.hpp"

namespace carrel::hwtune::tune {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

struct Place {
  UniqueFd parent;
  std::string name;
};

Result<Place> place_of(const machine::Root& root, const std::string& path) {
  const std::filesystem::path whole(path);
  auto parent = root.open_at(whole.parent_path().string(), O_RDONLY | O_DIRECTORY);
  if (parent.has_error()) return parent.error();
  return Place{std::move(*parent), whole.filename().string()};
}

Result<void> write_all(int fd, const std::string& path, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(fd, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return errno_error("write /" + path, errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// "a [b] c" with another one chosen. It ends as before: many kernels end such a line with a blank.
std::string as_kernel_shows(const std::string& before, const std::string& value) {
  const std::string end = before.substr(before.find_last_not_of(" \n") + 1);
  if (!machine::chosen_in(before)) return value + end;
  std::string shown;
  for (auto word : machine::words_of(before)) {
    if (word.starts_with('[')) word = word.substr(1, word.size() - 2);
    shown += (shown.empty() ? "" : " ") + (word == value ? "[" + value + "]" : std::string(word));
  }
  return shown + end;
}

}  // namespace

Writer::Writer(const machine::Root& root, BeforeStep before) : root_(root), before_(std::move(before)) {}

std::string Writer::name_beside(const std::string& path) {
  return path + ".carrel-hwtune-new";
}

Result<void> Writer::write_file(const std::string& path, const std::string& content) const {
  const auto place = place_of(root_, path);
  if (place.has_error()) return place.error();
  const std::string beside = name_beside(place->name);
  step("remove what a crash left");
  if (::unlinkat(place->parent.get(), beside.c_str(), 0) != 0 && errno != ENOENT) {
    return errno_error("remove /" + name_beside(path), errno);
  }
  step("make the file");
  const UniqueFd fd(::openat(place->parent.get(), beside.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!fd) return errno_error("make /" + name_beside(path), errno);
  // In two halves, so that a crash in the middle is one of the steps.
  const std::size_t half = content.size() / 2;
  step("write the first half");
  auto written = write_all(fd.get(), path, std::string_view(content).substr(0, half));
  if (written.has_error()) return written;
  step("write the second half");
  written = write_all(fd.get(), path, std::string_view(content).substr(half));
  if (written.has_error()) return written;
  // Whatever the umask is.
  if (::fchmod(fd.get(), kFileMode) != 0) return errno_error("set the mode of /" + path, errno);
  step("sync the file");
  if (::fsync(fd.get()) != 0) return errno_error("write /" + path + " to the disk", errno);
  step("give the file its name");
  if (::renameat(place->parent.get(), beside.c_str(), place->parent.get(), place->name.c_str()) != 0) {
    return errno_error("write /" + path, errno);
  }
  step("sync the directory");
  if (::fsync(place->parent.get()) != 0) return errno_error("write /" + path + " to the disk", errno);
  return {};
}

Result<void> Writer::write_live(const std::string& path, const std::string& value) const {
  const auto before = root_.read(path);
  if (before.has_error()) return before.error();
  return set(path, root_.is_real() ? value : as_kernel_shows(*before, value));
}

Result<void> Writer::write_back(const std::string& path, const std::string& before) const {
  // Of a choice the kernel takes the word alone.
  const auto chosen = machine::chosen_in(before);
  return set(path, root_.is_real() && chosen ? *chosen : before);
}

Result<void> Writer::set(const std::string& path, const std::string& text) const {
  step("set a value");
  const auto fd = root_.open_at(path, root_.is_real() ? O_WRONLY : O_WRONLY | O_TRUNC);
  if (fd.has_error()) return fd.error();
  return write_all(fd->get(), path, text);
}

Result<void> Writer::remove_file(const std::string& path) const {
  const auto place = place_of(root_, path);
  if (place.has_error()) return {};
  step("remove a file");
  if (::unlinkat(place->parent.get(), place->name.c_str(), 0) != 0 && errno != ENOENT) {
    return errno_error("remove /" + path, errno);
  }
  step("sync the directory");
  if (::fsync(place->parent.get()) != 0) return errno_error("remove /" + path + " from the disk", errno);
  return {};
}

Result<void> Writer::make_directory(const std::string& path) const {
  const auto place = place_of(root_, path);
  if (place.has_error()) return place.error();
  step("make a directory");
  if (::mkdirat(place->parent.get(), place->name.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return errno_error("make /" + path, errno);
  }
  return {};
}

void Writer::remove_directory(const std::string& path) const {
  const auto place = place_of(root_, path);
  if (place.has_error()) return;
  step("remove a directory");
  // One that has something in it is somebody else's by now.
  static_cast<void>(::unlinkat(place->parent.get(), place->name.c_str(), AT_REMOVEDIR));
}

}  // namespace carrel::hwtune::tune
