#include "tests/unit/cgroup/folder_tree.hpp"

#include <fstream>
#include <iterator>

namespace carrel::cgroup::test {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

fs::path FolderTree::path_of(const std::string& controller, const std::string& group,
                             const std::string& file) const {
  return fs::path(controller == kUnified ? "unified" : controller) / group.substr(1) / file;
}

void FolderTree::put_process(std::int64_t pid, const std::string& text) {
  root_.write(fs::path("proc") / std::to_string(pid), text);
}

void FolderTree::put(const std::string& controller, const std::string& group, const std::string& file,
                     const std::string& text) {
  root_.write(path_of(controller, group, file), text);
}

Result<std::string> FolderTree::groups_of(std::int64_t pid) const {
  const auto text = text_of(root_.path() / "proc" / std::to_string(pid));
  if (!text) return make_error(ErrorKind::not_found, "no such process");
  return *text;
}

std::optional<std::string> FolderTree::read(const std::string& controller, const std::string& group,
                                            const std::string& file) const {
  return text_of(root_.path() / path_of(controller, group, file));
}

Result<void> FolderTree::write(const std::string& controller, const std::string& group,
                               const std::string& file, const std::string& value) const {
  root_.write(path_of(controller, group, file), value);
  return {};
}

}  // namespace carrel::cgroup::test
