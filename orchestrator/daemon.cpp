#include "orchestrator/daemon.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/service_manager.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/accounts/admin_tokens.hpp"
#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/accounts/stream_tokens.hpp"
#include "orchestrator/chores.hpp"
#include "orchestrator/http/admin_server.hpp"
#include "orchestrator/http/claim.hpp"
#include "orchestrator/http/server.hpp"
#include "orchestrator/http/web_files.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/lib/asio/run_to_end.hpp"
#include "orchestrator/lib/asio/work_pool.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/making.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/observe/spawn.hpp"
#include "orchestrator/observers.hpp"
#include "orchestrator/opening.hpp"
#include "orchestrator/part_options.hpp"
#include "orchestrator/reload.hpp"
#include "orchestrator/sandbox/docker/docker_engine.hpp"
#include "orchestrator/sandbox/sampler.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"
#include "orchestrator/sandbox/store_journal.hpp"
#include "orchestrator/store/backups.hpp"
#include "orchestrator/store/damage.hpp"
#include "orchestrator/store/store.hpp"
#include "orchestrator/store/write_check.hpp"

namespace carrel {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kAdoptRetry{2};
constexpr std::chrono::seconds kExpireEvery{10};
constexpr std::chrono::seconds kCompareEvery{60};
constexpr std::chrono::seconds kTendEvery{1};
constexpr std::chrono::seconds kDrain{5};

/// Everything that lives as long as the daemon, in the order in which it depends on one another.
class Daemon {
 public:
  Daemon(const config::Config& config, const config::Sources& sources, Program program,
         asio::io_context& loop, DataDirectories data, std::unique_ptr<store::Store> store,
         std::unique_ptr<accounts::Accounts> accounts, std::unique_ptr<accounts::AdminTokens> admin_tokens,
         std::string instance, accounts::StreamTokens tokens, http::WebFiles web_files, MadeFolders made)
      : config_(config),
        program_(std::move(program)),
        loop_(loop),
        data_(std::move(data)),
        metrics_(CARREL_VERSION, metric_labels()),
        store_(std::move(store)),
        accounts_(std::move(accounts)),
        admin_tokens_(std::move(admin_tokens)),
        tokens_(std::move(tokens)),
        feed_(loop.get_executor()),
        engine_(sandbox::make_docker_engine(loop.get_executor(), engine_options(config, &metrics_))),
        journal_(*store_),
        sandboxes_(loop.get_executor(), *engine_, journal_,
                   sandboxes_options(config, data_, std::move(instance)),
                   sandbox_observer(metrics_, feed_, *accounts_,
                                    [this](const std::string& sandbox) { sampler_.died_of_oom(sandbox); })),
        sampler_(
            loop.get_executor(), *engine_, [this] { return sandbox::running(sandboxes_); },
            sampler_options(config), sampler_observer(metrics_)),
        library_(
            loop.get_executor(), *store_, library_options(config, data_),
            [this](std::vector<UniqueFd> files, protocol::Index request) {
              return sandboxes_.index(std::move(files), std::move(request));
            },
            library_observer(metrics_, [this] { making_.wake(); })),
        making_(loop.get_executor(), {*store_, library_, sandboxes_, metrics_, feed_}, config,
                std::move(made)),
        strain_watch_(strain_options(config), shed_in(config, {metrics_, feed_, sandboxes_, making_.jobs})),
        web_files_(std::move(web_files)),
        audit_(*store_, loop.get_executor(),
               [](const Error& error) {
                 log::error("audit.failed", {{"reason", error.message}});
               }),
        backups_(data_.root, config.backup.keep),
        write_check_(*store_, loop.get_executor()),
        services_{config_,    sources,      *accounts_,       *admin_tokens_,   tokens_,
                  library_,   sandboxes_,   *engine_,         *store_,          metrics_,
                  web_files_, sampler_,     audit_,           backups_,         write_check_,
                  feed_,      making_.jobs, making_.variants, making_.pictures, strain_watch_.now()},
        signals_(loop, SIGTERM, SIGINT),
        upgrade_signal_(loop.get_executor(), SIGUSR2),
        drain_timer_(loop) {
    sandboxes_.use_burst(sampler_);
    store_->on_work([this](store::Store::Access access, double seconds) {
      metrics_.store_work(access == store::Store::Access::read ? "read" : "write", seconds);
    });
  }

  Result<Ending> run(std::vector<PassedSocket> passed) {
    const Result<void> loaded = run_to_end(loop_, library_.load());
    if (loaded.has_error()) return loaded.error();
    const Result<void> counted = run_to_end(loop_, making_.load());
    if (counted.has_error()) return counted.error();
    auto server = http::listen(loop_.get_executor(), services_, passed);
    if (server.has_error()) return server.error();
    server_ = std::move(*server);
    const Result<void> reachable = listen_for_admins(passed);
    if (reachable.has_error()) return reachable.error();
    for (const PassedSocket& one : passed) log::warn("socket.not_used", {{"name", one.name}});
    passed.clear();
    accounts_->on_end([this](const accounts::Session& session, accounts::EndReason reason) {
      sandboxes_.end_session(session.id, sandbox_reason(reason));
    });
    wait_for_end();
    accounts_->on_limits_changed([this](const std::string& user) { apply_limits(user); });
    const auto executor = loop_.get_executor();
    spawn(executor, adopt_until_done(), "adopting sandboxes");
    spawn(executor, expire_sessions(), "expiring sessions");
    spawn(executor, trim_audit(audit_, config_.audit.keep), "trimming the audit trail");
    spawn(executor, compare_with_engine(), "comparing sandboxes with the engine");
    spawn(executor, tend_sandboxes(), "tending sandboxes");
    spawn(executor, sweep_gone(library_, making_), "sweeping what was made of films that are gone");
    spawn(executor, measure_free_space(metrics_, chores_pool_, data_.root),
          "measuring the disk's free space");
    spawn(executor, measure_loop_delay(metrics_), "measuring the loop's delay");
    spawn(executor, upgrade_when_asked(), "waiting for an upgrade");
    spawn(executor, reload_when_asked(executor, program_.configuration, *server_, chores_pool_), "reloading");
    spawn(executor, tell_alive(manager_, [this] { return status(); }), "telling the service manager");
    look_after_machine(executor, config_, strain_watch_);
    library_.start();
    server_->start();
    sampler_.start();
    if (admin_server_) admin_server_->start();
    log::info("daemon.ready", {{"listen", server_->address()},
                               {"admin_socket", admin_server_ ? admin_server_->address() : std::string()},
                               {"version", CARREL_VERSION}});
    manager_.ready(status());
    run_loop();
    log::info("daemon.ended", {{"upgrade", upgrade_}});
    return ending();
  }

 private:
  void run_loop() {
    for (;;) {
      try {
        loop_.run();
        return;
      } catch (const std::exception& e) {
        // A bug in one handler; everybody else's film goes on.
        log::error("bug.exception", {{"where", "a handler of the loop"}, {"what", e.what()}});
      }
    }
  }

  /// For `systemctl status`.
  [[nodiscard]] std::string status() const {
    return std::to_string(accounts_->sessions().size()) + " sessions, " +
           std::to_string(sandbox::running(sandboxes_).size()) + " sandboxes; at " + server_->address();
  }

  asio::awaitable<void> adopt_until_done() {
    for (;;) {
      auto claim_of = [this](const std::string& id) -> std::optional<sandbox::Claim> {
        const auto session = accounts_->by_id(id);
        return session.has_value() ? std::optional(http::claim_of(*session)) : std::nullopt;
      };
      const Result<void> adopted = co_await sandboxes_.adopt(claim_of);
      if (adopted.has_value()) break;
      log::warn("engine.not_ready", {{"reason", adopted.error().message}});
      asio::steady_timer timer(loop_, kAdoptRetry);
      co_await timer.async_wait(asio::use_awaitable);
    }
    // Not before: an earlier daemon's converters may still write what is to be gone on with.
    making_.start();
  }

  asio::awaitable<void> compare_with_engine() {
    for (;;) {
      asio::steady_timer timer(loop_, kCompareEvery);
      co_await timer.async_wait(asio::use_awaitable);
      if (sandboxes_.adopted()) co_await sandboxes_.compare_with_engine();
    }
  }

  asio::awaitable<void> tend_sandboxes() {
    for (;;) {
      asio::steady_timer timer(loop_, kTendEvery);
      co_await timer.async_wait(asio::use_awaitable);
      sandboxes_.tend();
    }
  }

  void apply_limits(const std::string& user) {
    for (const accounts::Session& session : accounts_->sessions()) {
      if (session.user_id == user) sandboxes_.limit_session(session.id, http::sandbox_limits(session.limits));
    }
  }

  asio::awaitable<void> expire_sessions() {
    for (;;) {
      accounts_->expire(unix_now());
      asio::steady_timer timer(loop_, kExpireEvery);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  asio::awaitable<void> upgrade_when_asked() {
    bool good = false;
    while (!good) {
      const bool asked = co_await upgrade_signal_.wait();
      if (!asked) co_return;
      log::info("upgrade.checking", {{"program", program_.executable.string()}});
      manager_.reloading("looking at the program that lies there now");
      const auto check = [this] { return check_program(program_); };
      const Result<void> checked = co_await offload(chores_pool_, check);
      good = checked.has_value();
      if (!good) {
        log::error("upgrade.refused", {{"reason", checked.error().message}});
        manager_.ready("the upgrade was refused: " + checked.error().message);
      }
    }
    if (stopping_) co_return;
    upgrade_ = true;
    stop(SIGUSR2, http::Backlog::keep);
  }

  Result<Ending> ending() {
    Ending ending{upgrade_, {}};
    if (!upgrade_) return ending;
    for (http::Server* server : {server_.get(), admin_server_.get()}) {
      if (server == nullptr) continue;
      Result<PassedSocket> socket = server->pass_on();
      if (socket.has_error()) return socket.error();
      ending.sockets.push_back(std::move(*socket));
    }
    return ending;
  }

  void stop(int signal, http::Backlog backlog) {
    if (stopping_) {
      // Asked to end while making room for the next program: the end is what was wanted last.
      upgrade_ = false;
      manager_.stopping("ending; films that are being sent go on");
      leave();
      return;
    }
    stopping_ = true;
    log::info("daemon.stopping", {{"signal", signal}});
    if (backlog == http::Backlog::refuse) manager_.stopping("ending; films that are being sent go on");
    library_.stop();
    making_.stop();
    sampler_.stop();
    feed_.close();
    // A signal to end, or an answer that takes too long to be made, ends the wait.
    if (backlog == http::Backlog::refuse) wait_for_end();
    drain_timer_.expires_after(kDrain);
    drain_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) leave();
    });
    // Both may be drained at once, and either may be the last.
    undrained_ = admin_server_ ? 2 : 1;
    const auto drained = [this] {
      if (--undrained_ == 0) leave();
    };
    server_->stop(backlog, drained);
    if (admin_server_) admin_server_->stop(backlog, drained);
  }

  void wait_for_end() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (!error) stop(signal, http::Backlog::refuse);
    });
  }

  Result<void> listen_for_admins(std::vector<PassedSocket>& passed) {
    if (config_.admin.socket.empty()) return {};
    auto server =
        http::listen_for_admins(loop_.get_executor(), services_, data_.root / config_.admin.socket, passed);
    if (server.has_error()) return server.error();
    admin_server_ = std::move(*server);
    return {};
  }

  void leave() {
    // What sandboxes send goes on without us; the next daemon adopts them.
    sandboxes_.leave();
    loop_.stop();
  }

  const config::Config& config_;
  Program program_;
  const ServiceManager manager_ = ServiceManager::of_environment();
  asio::io_context& loop_;
  DataDirectories data_;
  observe::Metrics metrics_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<accounts::Accounts> accounts_;
  std::unique_ptr<accounts::AdminTokens> admin_tokens_;
  accounts::StreamTokens tokens_;
  observe::EventFeed feed_;
  std::unique_ptr<sandbox::Engine> engine_;
  sandbox::StoreJournal journal_;
  sandbox::Sandboxes sandboxes_;
  sandbox::Sampler sampler_;
  library::Library library_;
  Making making_;
  StrainWatch strain_watch_;
  http::WebFiles web_files_;
  accounts::AuditLog audit_;
  store::Backups backups_;
  store::WriteCheck write_check_;
  http::Services services_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> admin_server_;  ///< null: turned off
  int undrained_ = 0;                           ///< servers that still make answers, once stopping
  bool stopping_ = false;
  bool upgrade_ = false;  ///< what comes after the end is the program, anew
  asio::signal_set signals_;
  HeldSignal upgrade_signal_;
  WorkPool chores_pool_{1, 1};
  asio::steady_timer drain_timer_;
};

}  // namespace

Result<Ending> run_daemon(const config::Config& config, const config::Sources& sources,
                          const Program& program, std::vector<PassedSocket> passed) {
  auto web_files = http::WebFiles::load(web_directory(config), config.http.base_path);
  if (web_files.has_error()) return web_files.error();
  auto data = open_data(config.data.dir);
  if (data.has_error()) return data.error();
  const auto log_session = open_log(config.log, data->root);
  if (log_session.has_error()) return log_session.error();
  auto store = store::Store::open(data->root, config.data.database_cache);
  if (store.has_error()) return store.error();

  // Before everything that posts to it, so that it is destroyed after them.
  asio::io_context loop(1);
  auto identity = run_to_end(loop, load_identity(**store));
  if (identity.has_error()) return identity.error();
  auto opened = run_to_end(loop, open_accounts(**store, config));
  if (opened.has_error()) return opened.error();
  auto admin_tokens = run_to_end(loop, accounts::AdminTokens::open(**store));
  if (admin_tokens.has_error()) return admin_tokens.error();
  auto made = open_made_folders(*data);
  if (made.has_error()) return made.error();
  Daemon daemon(config, sources, program, loop, std::move(*data), std::move(*store), std::move(*opened),
                std::move(*admin_tokens), std::move(identity->instance),
                accounts::StreamTokens(identity->token_key), std::move(*web_files), std::move(*made));
  return daemon.run(std::move(passed));
}

Result<std::size_t> remove_sandboxes(const config::Config& config) {
  // Whoever never ran has none, and gets no data by being asked.
  std::error_code error;
  if (!fs::exists(config.data.dir / "carrel.db", error) && !error) {
    if (!store::was_used(config.data.dir)) return std::size_t{0};
    return make_error(
        ErrorKind::not_found,
        "the database " + (config.data.dir / "carrel.db").string() +
            " is missing, which knows the containers that are this instance's; docker ps --filter "
            "label=carrel.instance lists those of all");
  }
  auto data = open_data(config.data.dir);
  if (data.has_error()) return data.error();
  auto store = store::Store::open(data->root, config.data.database_cache);
  if (store.has_error()) return store.error();
  asio::io_context loop(1);
  auto identity = run_to_end(loop, load_identity(**store));
  if (identity.has_error()) return identity.error();
  const auto engine = sandbox::make_docker_engine(loop.get_executor(), engine_options(config, nullptr));
  sandbox::StoreJournal journal(**store);
  sandbox::Sandboxes sandboxes(loop.get_executor(), *engine, journal,
                               sandboxes_options(config, *data, identity->instance), sandbox::Observer{});
  return run_to_end(loop, sandboxes.remove_all());
}

}  // namespace carrel
