#include <filesystem>

#include "hwtune/machine/read.hpp"

namespace carrel::machine {
namespace {

std::string kind_of(const std::string& driver) {
  if (driver == "i915" || driver == "xe") return "VAAPI (Intel Quick Sync)";
  if (driver == "amdgpu" || driver == "radeon") return "VAAPI (AMD)";
  if (driver == "nvidia") return "NVENC";
  return "render node, no encoder known";
}

}  // namespace

std::vector<Encoder> read_encoders(const Root& root) {
  std::vector<Encoder> encoders;
  for (const auto& name : root.list("dev/dri")) {
    if (!name.starts_with("renderD")) continue;
    const auto driver = root.link("sys/class/drm/" + name + "/device/driver");
    const std::string known = driver ? std::filesystem::path(*driver).filename().string() : std::string();
    encoders.push_back({"/dev/dri/" + name, known, kind_of(known)});
  }
  for (const auto& name : root.list("sys/class/video4linux")) {
    const auto device = root.text("sys/class/video4linux/" + name + "/name").value_or("");
    if (device.find("encode") == std::string::npos) continue;
    encoders.push_back({"/dev/" + name, device, "V4L2 memory to memory"});
  }
  return encoders;
}

}  // namespace carrel::machine
