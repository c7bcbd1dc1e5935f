#include "fake_tree.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace carrel::testing {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// In memory where that can be had: what is tested waits for the disk after each file.
fs::path new_directory() {
  const fs::path memory("/dev/shm");
  const fs::path parent = fs::is_directory(memory) ? memory : fs::temp_directory_path();
  std::string name = (parent / "carrel-machine-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  return name;
}

}  // namespace

FakeTree::FakeTree(const std::string& name) : path_(new_directory()) {
  fill(content_of(fs::path(CARREL_MACHINES_DIRECTORY) / (name + ".tree")));
}

FakeTree::~FakeTree() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

machine::Root FakeTree::root() const {
  auto root = machine::Root::open(path_);
  if (root.has_error()) throw std::runtime_error(root.error().message);
  return std::move(*root);
}

void FakeTree::write(const std::string& path, const std::string& content) const {
  fs::create_directories((path_ / path).parent_path());
  std::ofstream(path_ / path, std::ios::binary) << content;
}

std::string FakeTree::read(const std::string& path) const {
  return content_of(path_ / path);
}

void FakeTree::fill(const std::string& text) const {
  std::istringstream lines(text);
  std::string open_path;
  std::string open_content;
  const auto close = [&] {
    if (!open_path.empty()) write(open_path, open_content);
    open_path.clear();
    open_content.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (!open_path.empty() && line.starts_with("  ")) {
      open_content += line.substr(2) + "\n";
      continue;
    }
    close();
    if (line.empty() || line.starts_with("#")) continue;
    if (line.ends_with(" <<")) {
      open_path = line.substr(0, line.size() - 3);
    } else if (const auto arrow = line.find(" -> "); arrow != std::string::npos) {
      const fs::path link = path_ / line.substr(0, arrow);
      fs::create_directories(link.parent_path());
      fs::create_symlink(line.substr(arrow + 4), link);
    } else if (const auto equals = line.find(" = "); equals != std::string::npos) {
      write(line.substr(0, equals), line.substr(equals + 3) + "\n");
    } else if (line.ends_with("/")) {
      fs::create_directories(path_ / line);
    } else {
      throw std::runtime_error("not understood: " + line);
    }
  }
  close();
}

std::map<std::string, std::string> FakeTree::everything() const {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    const std::string name = entry.path().lexically_relative(path_).string();
    if (entry.is_symlink()) {
      found[name] = "-> " + fs::read_symlink(entry.path()).string();
      continue;
    }
    const auto mode = std::to_string(static_cast<unsigned>(entry.status().permissions()));
    found[name] = entry.is_directory() ? "directory " + mode : mode + " " + content_of(entry.path());
  }
  return found;
}

}  // namespace carrel::testing
