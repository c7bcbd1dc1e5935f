#include "orchestrator/config/plan_file.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "orchestrator/config/texts.hpp"
#include "orchestrator/config/toml_file.hpp"
#include "orchestrator/config/values.hpp"

namespace carrel::config {
namespace {

constexpr std::string_view kSection = "plan.";
constexpr char kAgain[] = "; make it anew with carrel-hwtune plan";
constexpr std::array<std::string_view, 15> kBounds{"sandbox.memory",      "sandbox.cpus",
                                                   "sandbox.max_total",   "limits.viewer_memory",
                                                   "limits.admin_memory", "converter.memory",
                                                   "converter.cpus",      "jobs.workers",
                                                   "pool.size",           "admission.viewers",
                                                   "admission.cpus",      "admission.memory",
                                                   "admission.bandwidth", "admission.memory_reserve",
                                                   "data.database_cache"};
// Of the memory that a kernel tells of the same machine, it keeps a little more or less for itself each time.
constexpr double kSameMemory = 0.9;

/// The section "plan", name by name.
class Promise {
 public:
  explicit Promise(PlanFile& file) : file_(file) {}

  void take(const Setting& setting) {
    const std::string_view name = std::string_view(setting.name).substr(kSection.size());
    const auto text = single(setting.value);
    const Result<void> read = text.has_error() ? Result<void>(text.error()) : read_into(name, *text);
    if (read.has_error()) {
      file_.settings.errors.push_back(setting.where + ": " + setting.name + ": " + read.error().message);
    }
  }

  [[nodiscard]] bool has_version() const { return has_version_; }
  [[nodiscard]] const TakenPlan& taken() const { return taken_; }

 private:
  Result<void> read_into(std::string_view name, const std::string& text) {
    if (name == "version") return check_version(text);
    if (name == "processors") return count(text, taken_.processors);
    if (name == "sessions") return count(text, taken_.sessions);
    if (name == "conversions") return count(text, taken_.conversions);
    if (name == "mbit") return bitrate(text);
    if (name == "memory") return size(text);
    if (name == "machine") return (taken_.machine = text, Result<void>());
    if (name == "limited_by") return (taken_.limited_by = text, Result<void>());
    if (name == "measured") return (taken_.measured = text == "true", Result<void>());
    if (name == "made" || name == "read_ahead_kib") return {};
    return make_error(ErrorKind::invalid, std::string("a plan says no such thing") + kAgain);
  }

  Result<void> check_version(const std::string& text) {
    has_version_ = true;
    if (text == "1") return {};
    return make_error(ErrorKind::invalid, "only version 1 is understood" + std::string(kAgain));
  }

  static Result<void> count(const std::string& text, std::uint64_t& into) {
    const auto read = parse_count(text, 0, std::numeric_limits<std::int32_t>::max());
    if (read.has_error()) return read.error();
    into = static_cast<std::uint64_t>(*read);
    return {};
  }

  Result<void> bitrate(const std::string& text) {
    constexpr double kMost = 1e6;
    const auto read = parse_fraction(text, 0, kMost);
    if (read.has_error()) return read.error();
    taken_.mbit = *read;
    return {};
  }

  Result<void> size(const std::string& text) {
    const auto read = parse_size(text, 0, std::numeric_limits<std::int64_t>::max());
    if (read.has_error()) return read.error();
    taken_.memory = *read;
    return {};
  }

  PlanFile& file_;
  TakenPlan taken_;
  bool has_version_ = false;
};

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20U) + " MiB";
}

void check_host(PlanFile& file, const std::string& name, const TakenPlan& taken, const HostSize& host) {
  if (taken.processors > host.processors) {
    file.settings.errors.push_back(name + ": it was made for " + std::to_string(taken.processors) +
                                   " processors, and this machine has " + std::to_string(host.processors) +
                                   kAgain);
  }
  if (static_cast<double>(taken.memory) * kSameMemory > static_cast<double>(host.memory)) {
    file.settings.errors.push_back(name + ": it was made for " + mebibytes(taken.memory) +
                                   " of memory, and this machine has " + mebibytes(host.memory) + kAgain);
  }
}

std::string notice_of(const TakenPlan& taken, const HostSize& host) {
  const bool grew = taken.processors < host.processors ||
                    static_cast<double>(taken.memory) < static_cast<double>(host.memory) * kSameMemory;
  if (!grew) return {};
  return "it was made for " + std::to_string(taken.processors) + " processors and " +
         mebibytes(taken.memory) + ", and uses no more of this machine, which has " +
         std::to_string(host.processors) + " and " + mebibytes(host.memory) + kAgain;
}

}  // namespace

PlanFile parse_plan(std::string_view text, const std::string& file, const std::optional<HostSize>& host) {
  PlanFile made;
  Settings read = parse_toml(text, file);
  made.settings.errors = std::move(read.errors);
  Promise promise(made);
  for (auto& setting : read.settings) {
    if (setting.name.starts_with(kSection)) {
      promise.take(setting);
    } else if (std::ranges::find(kBounds, setting.name) != kBounds.end()) {
      made.settings.settings.push_back(std::move(setting));
    } else {
      made.settings.errors.push_back(setting.where + ": " + setting.name +
                                     " is not a plan's to set; put it into carrel.toml");
    }
  }
  if (made.settings.errors.empty() && !promise.has_version()) {
    made.settings.errors.push_back(file + ": it has no section [plan] with a version, so it is no plan" +
                                   kAgain);
  }
  if (made.settings.errors.empty() && host) check_host(made, file, promise.taken(), *host);
  if (made.settings.errors.empty()) made.taken = promise.taken();
  if (made.taken && host) made.notice = notice_of(*made.taken, *host);
  return made;
}

}  // namespace carrel::config
