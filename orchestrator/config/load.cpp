#include "orchestrator/config/load.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "orchestrator/config/env_file.hpp"
#include "orchestrator/config/environment.hpp"
#include "orchestrator/config/keys.hpp"
#include "orchestrator/config/small_file.hpp"
#include "orchestrator/config/suggest.hpp"
#include "orchestrator/config/toml_file.hpp"
#include "orchestrator/config/values.hpp"

namespace carrel::config {
namespace {

constexpr std::uint32_t kSmallestIoWeight = 10;  // Docker API: HostConfig.BlkioWeight

constexpr std::size_t max_file = 1 << 20;
constexpr std::string_view kPlanKey = "admission.plan";
constexpr char kMakePlan[] = "; make one with carrel-hwtune plan, or take admission.plan out";

std::string file_name(const std::filesystem::path& path) {
  return path.filename().string();
}

/// Collects what every source says, and applies it in order.
class Loader {
 public:
  void take(Settings source) {
    for (auto& setting : source.settings) settings_.push_back(std::move(setting));
    for (auto& error : source.errors) errors_.push_back(std::move(error));
  }

  template <class Parse>
  void take_file(const std::filesystem::path& path, Parse parse) {
    auto content = read_small_file(path, max_file);
    if (!content) {
      errors_.push_back(content.error().message);
      return;
    }
    take(parse(*content));
  }

  /// What the last source says of `admission.plan`, before everything else.
  void take_plan(const LoadInputs& inputs, std::vector<std::string>& noticed) {
    std::string path;
    for (const auto& setting : settings_) {
      if (setting.name != kPlanKey || setting.value.items.size() != 1) continue;
      path = setting.value.items.front();
    }
    if (path.empty()) return;
    std::vector<std::string>& wrong = inputs.plan_must_fit ? errors_ : noticed;
    auto content = read_small_file(path, max_file);
    if (!content) {
      wrong.push_back("admission.plan: " + content.error().message + kMakePlan);
      return;
    }
    auto plan = parse_plan(*content, file_name(path), inputs.host);
    for (auto& error : plan.settings.errors) wrong.push_back("admission.plan: " + std::move(error));
    if (!inputs.plan_must_fit) return;
    config_.taken_plan = std::move(plan.taken);
    if (!plan.notice.empty()) noticed.push_back("admission.plan: " + std::move(plan.notice));
    auto& planned = plan.settings.settings;
    // The plan's memory of each role follows from its memory of all; another one is for every role.
    if (sets("sandbox.memory"))
      std::erase_if(planned, [](const Setting& one) { return one.name.starts_with("limits."); });
    pool_is_planned_ = !sets("pool.size");
    settings_.insert(settings_.begin(), planned.begin(), planned.end());
  }

  void apply() {
    for (const auto& setting : settings_) {
      const auto key = std::ranges::find(keys(), setting.name, &Key::name);
      if (key == keys().end()) {
        refuse_unknown(setting);
        continue;
      }
      auto set = key->set(config_, setting.value);
      sources_[setting.name] = setting.where;
      if (!set) errors_.push_back(setting.where + ": " + setting.name + ": " + set.error().message);
    }
  }

  /// Only of values that are right by themselves.
  void check_together() {
    if (!errors_.empty()) return;
    if (config_.session.idle > config_.session.absolute) {
      errors_.push_back("session.idle (" + format_duration(config_.session.idle) +
                        ") is longer than session.absolute (" + format_duration(config_.session.absolute) +
                        "); lower the one or raise the other");
    }
    if (config_.http.tls_certificate.empty() != config_.http.tls_key.empty()) {
      errors_.push_back("http.tls_certificate and http.tls_key go together: set both, or neither");
    }
    if (config_.sandbox.io_weight > 0 && config_.sandbox.io_weight < kSmallestIoWeight) {
      errors_.push_back("sandbox.io_weight (" + std::to_string(config_.sandbox.io_weight) +
                        ") is neither 0 nor from 10 to 1000");
    }
    if (pool_is_planned_) config_.pool.size = std::min(config_.pool.size, config_.sandbox.max_total);
    if (config_.pool.size > config_.sandbox.max_total) {
      errors_.push_back("pool.size (" + std::to_string(config_.pool.size) +
                        ") is larger than sandbox.max_total (" + std::to_string(config_.sandbox.max_total) +
                        "); lower the one or raise the other");
    }
  }

  Result<Config> result() && {
    if (errors_.empty()) return std::move(config_);
    std::string all;
    for (const auto& error : errors_) all += (all.empty() ? "" : "\n") + error;
    return make_error(ErrorKind::invalid, std::move(all));
  }

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const Sources& sources() const { return sources_; }

 private:
  [[nodiscard]] bool sets(std::string_view name) const {
    return std::ranges::find(settings_, name, &Setting::name) != settings_.end();
  }

  void refuse_unknown(const Setting& setting) {
    std::vector<std::string> names;
    for (const auto& key : keys()) names.emplace_back(key.name);
    errors_.push_back(setting.where + ": unknown key " + quote(setting.name) +
                      did_you_mean(setting.name, names));
  }

  Config config_;
  Sources sources_;
  std::vector<Setting> settings_;
  std::vector<std::string> errors_;
  bool pool_is_planned_ = false;
};

void warn_of_readable_secrets(const std::filesystem::path& path, std::string_view holder,
                              std::vector<std::string>& warnings) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    warnings.push_back(file_name(path) + ": holds " + std::string(holder) +
                       " and can be read by others; run chmod 600 on it");
  }
}

bool is_loopback(const std::string& listen) {
  const auto parsed = parse_listen(listen);
  return parsed.has_value() && (parsed->address == "::1" || parsed->address.starts_with("127."));
}

bool sets_secret(const Settings& source) {
  return std::ranges::any_of(source.settings, [](const Setting& setting) {
    return std::ranges::any_of(keys(), [&](const Key& key) {
      return key.secret && (setting.name == key.name || setting.name == variable_of(key));
    });
  });
}

}  // namespace

Result<Config> load(const LoadInputs& inputs, std::vector<std::string>* warnings, Sources* sources) {
  Loader loader;
  std::vector<std::string> noticed;
  if (inputs.toml) {
    loader.take_file(*inputs.toml, [&](const std::string& text) {
      auto source = parse_toml(text, file_name(*inputs.toml));
      if (sets_secret(source)) warn_of_readable_secrets(*inputs.toml, "a password", noticed);
      return source;
    });
  }
  if (inputs.env_file) {
    loader.take_file(*inputs.env_file, [&](const std::string& text) {
      auto source = parse_env(text, file_name(*inputs.env_file));
      if (sets_secret(source)) warn_of_readable_secrets(*inputs.env_file, "a password", noticed);
      auto resolved = resolve_variables(source.settings);
      resolved.errors.insert(resolved.errors.begin(), source.errors.begin(), source.errors.end());
      return resolved;
    });
  }
  std::vector<Setting> variables;
  for (const auto& [name, value] : inputs.environment) {
    variables.push_back({name, Value{{value}, false}, "environment"});
  }
  loader.take(resolve_variables(variables));
  loader.take_plan(inputs, noticed);
  loader.apply();
  loader.check_together();
  if (!is_loopback(loader.config().http.listen) && loader.config().http.tls_certificate.empty()) {
    noticed.push_back("http.listen: " + loader.config().http.listen +
                      " is reached from other machines without encryption; set http.tls_certificate, or put "
                      "a TLS proxy in front");
  }
  if (sources != nullptr) *sources = loader.sources();
  if (warnings != nullptr) warnings->insert(warnings->end(), noticed.begin(), noticed.end());
  return std::move(loader).result();
}

std::map<std::string, std::string> carrel_variables(const char* const* envp) {
  std::map<std::string, std::string> variables;
  for (; envp != nullptr && *envp != nullptr; ++envp) {
    const std::string_view entry = *envp;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || !entry.starts_with("CARREL_")) continue;
    variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

}  // namespace carrel::config
