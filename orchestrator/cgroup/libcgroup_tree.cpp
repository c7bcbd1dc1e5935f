#include "orchestrator/cgroup/libcgroup_tree.hpp"

#include <libcgroup.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <fstream>

namespace carrel::cgroup {
namespace {

constexpr std::size_t kLongestFile = std::size_t{64} << 10;
constexpr std::size_t kLongestMembership = std::size_t{16} << 10;

/// libcgroup would print; what failed is in the result.
void say_nothing(void*, int, const char*, va_list) {}

/// cgroup_read_value_begin opens the file even when it reports an empty one.
class Reading {
 public:
  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    if (handle != nullptr) cgroup_read_value_end(&handle);
  }
  void* handle = nullptr;
};

class Group {
 public:
  explicit Group(const std::string& name) : group_(cgroup_new_cgroup(name.c_str())) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() { cgroup_free(&group_); }
  [[nodiscard]] struct cgroup* get() const noexcept { return group_; }

 private:
  struct cgroup* group_;
};

class LibcgroupTree final : public Tree {
 public:
  Result<std::string> groups_of(std::int64_t pid) const override {
    const std::string name = "/proc/" + std::to_string(pid) + "/cgroup";
    std::ifstream in(name);
    std::string text(kLongestMembership, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.empty()) return make_error(ErrorKind::not_found, "read " + name + ": there is no such process");
    return text;
  }

  std::optional<std::string> read(const std::string& controller, const std::string& group,
                                  const std::string& file) const override {
    Reading reading;
    std::array<char, 4096> line{};
    std::string name = file;  // libcgroup 2 takes it as not const
    std::string text;
    int code = cgroup_read_value_begin(controller.c_str(), group.c_str(), name.data(), &reading.handle,
                                       line.data(), static_cast<int>(line.size()));
    if (code != 0 && code != ECGEOF) return std::nullopt;
    while (code == 0 && text.size() < kLongestFile) {
      text += line.data();
      code = cgroup_read_value_next(&reading.handle, line.data(), static_cast<int>(line.size()));
    }
    return text;
  }

  Result<void> write(const std::string& controller, const std::string& group, const std::string& file,
                     const std::string& value) const override {
    const std::string doing = "write " + value + " to " + file + " of cgroup " + group;
    const Group target(group);
    struct cgroup_controller* const part =
        target.get() == nullptr ? nullptr : cgroup_add_controller(target.get(), controller.c_str());
    if (part == nullptr || cgroup_set_value_string(part, file.c_str(), value.c_str()) != 0) {
      return make_error(ErrorKind::internal, doing + ": libcgroup has no memory for it");
    }
    const int code = cgroup_modify_cgroup(target.get());
    if (code == 0) return {};
    if (code == ECGOTHER && cgroup_get_last_errno() == EINVAL) {
      return make_error(ErrorKind::invalid, doing + ": the kernel does not take this value");
    }
    if (code == ECGOTHER) return errno_error(doing, cgroup_get_last_errno());
    // It does not tell why the file cannot be opened.
    return make_error(ErrorKind::forbidden,
                      doing + ": " + cgroup_strerror(code) +
                          "; the daemon may write it only as root, and not to cgroups that "
                          "are mounted read-only");
  }
};

}  // namespace

Result<std::unique_ptr<Tree>> open_tree() {
  cgroup_set_logger(&say_nothing, CGROUP_LOG_ERROR, nullptr);
  const int code = cgroup_init();
  if (code != 0) {
    return make_error(ErrorKind::unavailable,
                      std::string("find the cgroups of this host: ") + cgroup_strerror(code) +
                          "; where /sys/fs/cgroup is not to be seen, the engine is asked instead");
  }
  return std::unique_ptr<Tree>(std::make_unique<LibcgroupTree>());
}

}  // namespace carrel::cgroup
