#include "tests/unit/cgroup/folder_tree.hpp"

#include <cstdlib>
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

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

FolderTree::FolderTree() {
  std::string name = (fs::temp_directory_path() / "carrel-cgroup-XXXXXX").string();
  root_ = ::mkdtemp(name.data());
}

FolderTree::~FolderTree() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

fs::path FolderTree::path_of(const std::string& controller, const std::string& group,
                             const std::string& file) const {
  return root_ / (controller == kUnified ? "unified" : controller) / group.substr(1) / file;
}

void FolderTree::put_process(std::int64_t pid, const std::string& text) {
  write_text(root_ / "proc" / std::to_string(pid), text);
}

void FolderTree::put(const std::string& controller, const std::string& group, const std::string& file,
                     const std::string& text) {
  write_text(path_of(controller, group, file), text);
}

Result<std::string> FolderTree::groups_of(std::int64_t pid) const {
  const auto text = text_of(root_ / "proc" / std::to_string(pid));
  if (!text) return make_error(ErrorKind::not_found, "no such process");
  return *text;
}

std::optional<std::string> FolderTree::read(const std::string& controller, const std::string& group,
                                            const std::string& file) const {
  return text_of(path_of(controller, group, file));
}

Result<void> FolderTree::write(const std::string& controller, const std::string& group,
                               const std::string& file, const std::string& value) const {
  write_text(path_of(controller, group, file), value);
  return {};
}

}  // namespace carrel::cgroup::test
