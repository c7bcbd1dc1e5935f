#include "orchestrator/reload.hpp"

#include <csignal>
#include <memory>
#include <utility>

#include "base/unix_time.hpp"
#include "orchestrator/lib/openssl/server_context.hpp"
#include "orchestrator/observe/error_file.hpp"
#include "orchestrator/observe/log_levels.hpp"
#include "orchestrator/observe/sandbox_files.hpp"
#include "orchestrator/upgrade.hpp"

namespace carrel {

namespace asio = boost::asio;
using Certificate = std::shared_ptr<const openssl::ServerContext>;

namespace {

constexpr char kNotWhileRunning[] =
    "http.tls_certificate was set or taken out, which needs a restart: until then the port speaks what it "
    "spoke before; systemctl reload carreld, or SIGUSR2, ends no film";

struct Reloaded {
  config::Config config;
  Certificate certificate;  ///< null: none is configured
};

/// Null without one.
Result<Certificate> load_certificate(const config::Config& config) {
  if (config.http.tls_certificate.empty()) return Certificate();
  return openssl::ServerContext::load(config.http.tls_certificate, config.http.tls_key);
}

Result<Reloaded> load_all(const config::LoadInputs& inputs) {
  auto config = config::load(inputs);
  if (config.has_error()) return config.error();
  auto certificate = load_certificate(*config);
  if (certificate.has_error()) return certificate.error();
  return Reloaded{std::move(*config), std::move(*certificate)};
}

}  // namespace

Result<void> check_certificate(const config::Config& config) {
  const auto loaded = load_certificate(config);
  if (loaded.has_error()) return loaded.error();
  return {};
}

Result<std::unique_ptr<log::Session>> open_log(const config::Config::Log& config,
                                               const std::filesystem::path& data_root) {
  auto session = log::open({});
  if (session.has_error()) return session;
  log::set_levels(log::levels_from(config.level, config.levels));
  if (config.sandbox_files) {
    const auto kept = log::keep_sandbox_files(data_root / "log");
    if (kept.has_error()) return kept.error();
  }
  return session;
}

asio::awaitable<void> reload_when_asked(asio::any_io_executor executor, config::LoadInputs inputs,
                                        http::Server& server, WorkPool& pool) {
  HeldSignal hang_up(executor, SIGHUP);
  const log::ErrorFile file;
  for (;;) {
    const bool asked = co_await hang_up.wait();
    if (!asked) co_return;
    const auto load = [&file, &inputs] {
      const auto followed = file.follow();
      if (followed.has_error()) log::error("log.not_followed", {{"reason", followed.error().message}});
      return load_all(inputs);
    };
    Result<Reloaded> loaded = co_await offload(pool, load);
    if (loaded.has_error()) {
      log::error("reload.refused", {{"reason", loaded.error().message}});
      continue;
    }
    std::string subject;
    std::string expires;
    if (server.speaks_tls() != (loaded->certificate != nullptr)) {
      log::warn("reload.not_taken", {{"reason", kNotWhileRunning}});
    } else if (loaded->certificate) {
      subject = loaded->certificate->subject();
      expires = rfc3339(loaded->certificate->expires());
      server.use_certificate(std::move(loaded->certificate));
    }
    const auto& wanted = loaded->config.log;
    log::set_levels(log::levels_from(wanted.level, wanted.levels));
    log::info("reload.done", {{"certificate", subject}, {"expires", expires}, {"log_level", wanted.level}});
  }
}

}  // namespace carrel
