#include "hwtune/tune/record.hpp"

#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace carrel::hwtune::tune {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

/// Only what apply() itself may change: the record is read with root's rights.
void check_path(const std::string& path) {
  const bool known = path.starts_with("etc/sysctl.d/60-carrel-hwtune") ||
                     path.starts_with("etc/udev/rules.d/60-carrel-hwtune") ||
                     path.starts_with("etc/tmpfiles.d/60-carrel-hwtune") ||
                     path.starts_with("proc/sys/net/") || path.starts_with("proc/sys/vm/") ||
                     path.starts_with("sys/class/block/") ||
                     path.starts_with("sys/devices/system/cpu/cpufreq/");
  if (!known || path.find("..") != std::string::npos) {
    throw std::out_of_range("/" + path + " is nothing that carrel-hwtune changes");
  }
}

Record parsed(const json& from) {
  if (from.at("version") != kVersion) throw std::out_of_range("it is of another version");
  Record record;
  for (const auto& file : from.at("files")) {
    record.files.push_back({file.at("path"), file.at("written")});
    check_path(record.files.back().path);
  }
  for (const auto& value : from.at("values")) {
    record.values.push_back({value.at("path"), value.at("before"), value.at("written")});
    check_path(record.values.back().path);
  }
  for (const auto& directory : from.at("directories")) {
    record.directories.push_back(directory);
    if (!record.directories.back().starts_with("etc/"))
      throw std::out_of_range("a directory outside of /etc");
  }
  return record;
}

}  // namespace

std::string text_of(const Record& record) {
  json made{{"version", kVersion},
            {"files", json::array()},
            {"values", json::array()},
            {"directories", record.directories}};
  for (const auto& file : record.files)
    made["files"].push_back({{"path", file.path}, {"written", file.written}});
  for (const auto& value : record.values) {
    made["values"].push_back({{"path", value.path}, {"before", value.before}, {"written", value.written}});
  }
  return made.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<std::optional<Record>> read_record(const machine::Root& root) {
  if (!root.exists(kRecordFile)) return std::optional<Record>();
  const auto content = root.read(kRecordFile);
  if (content.has_error()) return content.error();
  try {
    return std::optional<Record>(parsed(json::parse(*content)));
  } catch (const std::exception& error) {
    return make_error(ErrorKind::invalid, std::string("/") + kRecordFile +
                                              ", the record of what was there before, is not understood: " +
                                              error.what() + "; nothing is changed");
  }
}

Result<std::optional<std::string>> read_own_file(const machine::Root& root, const std::string& path) {
  if (const auto target = root.link(path)) {
    return make_error(ErrorKind::conflict, "/" + path + " is a link to " + *target +
                                               ", which somebody else made; remove it to have carrel-hwtune "
                                               "write that file");
  }
  if (!root.exists(path)) return std::optional<std::string>();
  auto content = root.read(path);
  if (content.has_error()) return content.error();
  return std::optional<std::string>(std::move(*content));
}

}  // namespace carrel::hwtune::tune
