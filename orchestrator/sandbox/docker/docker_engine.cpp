#include "orchestrator/sandbox/docker/docker_engine.hpp"

#include <optional>
#include <utility>

#include "base/escape.hpp"
#include "base/remedies.hpp"
#include "orchestrator/sandbox/docker/api.hpp"
#include "orchestrator/sandbox/docker/container_json.hpp"
#include "orchestrator/sandbox/docker/event_stream.hpp"
#include "orchestrator/sandbox/docker/log_frames.hpp"
#include "orchestrator/sandbox/docker/parse.hpp"
#include "orchestrator/sandbox/docker/paths.hpp"
#include "orchestrator/sandbox/docker/profile_file.hpp"
#include "orchestrator/sandbox/docker/stats.hpp"

namespace carrel::sandbox {
namespace {

namespace asio = boost::asio;
using docker::Call;

Error while_doing(const std::string& doing, const Error& error) {
  return make_error(error.kind, doing + ": " + error.message);
}

/// The call's answer through a parser, with what was being done before the parser's words.
template <class T>
Result<T> parsed(const std::string& doing, const Result<std::string>& body,
                 Result<T> (*parse)(std::string_view)) {
  if (body.has_error()) return body.error();
  auto value = parse(*body);
  if (value.has_error()) return while_doing(doing, value.error());
  return value;
}

Result<void> done(const Result<std::string>& body) {
  if (body.has_error()) return body.error();
  return {};
}

std::string container_path(const std::string& id, std::string_view rest) {
  return "/containers/" + id + std::string(rest);
}

class DockerEngine final : public Engine {
 public:
  DockerEngine(asio::any_io_executor executor, DockerOptions options)
      : api_(std::make_shared<docker::Api>(std::move(executor), std::move(options))) {}
  ~DockerEngine() override { api_->stop(); }
  DockerEngine(const DockerEngine&) = delete;
  DockerEngine& operator=(const DockerEngine&) = delete;

  asio::awaitable<Result<EngineInfo>> info() override {
    auto agreed = co_await api_->agree(true);
    if (agreed.has_error()) co_return agreed.error();
    co_return agreed->info;
  }

  asio::awaitable<Result<std::string>> create(ContainerSpec spec) override {
    const std::string doing = "create container " + spec.name;
    auto good = docker::check_container(spec.name);
    if (good.has_value()) good = docker::check_image(spec.image);
    if (good.has_error()) co_return while_doing(doing, good.error());
    const auto api = api_;
    auto agreed = co_await api->agree(false);
    if (agreed.has_error()) co_return while_doing(doing, agreed.error());

    std::optional<docker::ProfileFile> profile;
    std::string seccomp = spec.seccomp_profile;
    if (agreed->traits.podman && !seccomp.empty()) {
      auto written = docker::ProfileFile::write(seccomp);
      if (written.has_error()) co_return while_doing(doing, written.error());
      profile.emplace(std::move(*written));
      seccomp = profile->path();
    }
    Call call{"create", doing, "POST", "/containers/create?name=" + spec.name, {}, false};
    call.body = docker::create_body(spec, seccomp, agreed->traits);
    auto body = co_await api->call(std::move(call));
    if (body.has_error() && body.error().kind == ErrorKind::not_found) {
      co_return make_error(ErrorKind::not_found, body.error().message + "; put it there with " + kLoadImages);
    }
    auto created = parsed(doing, body, &docker::parse_created);
    if (created.has_error()) co_return created.error();
    api->tell(created->warnings);
    co_return std::move(created->id);
  }

  asio::awaitable<Result<void>> start(std::string id) override {
    Call call{"start", "start container " + id, "POST", container_path(id, "/start"), {}, false};
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return done(body);
  }

  asio::awaitable<Result<ContainerState>> inspect(std::string id) override {
    const std::string doing = "inspect container " + id;
    Call call{"inspect", doing, "GET", container_path(id, "/json"), {}, false};
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return parsed(doing, body, &docker::parse_container);
  }

  asio::awaitable<Result<void>> kill(std::string id, std::string signal) override {
    auto good = docker::check_signal(signal);
    if (good.has_error()) co_return while_doing("kill container " + id, good.error());
    Call call{"kill", "kill container " + id, "POST", container_path(id, "/kill?signal="), {}, false};
    call.path += percent_encoded(signal);
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return done(body);
  }

  asio::awaitable<Result<void>> remove(std::string id) override {
    Call call{"remove", "remove container " + id, "DELETE", container_path(id, "?force=true&v=true"), {},
              false};
    auto body = co_await on_container(std::move(id), std::move(call));
    if (body.has_error() && body.error().kind == ErrorKind::not_found) co_return Result<void>{};
    // With force, the only conflict is that it is being removed already: its process may live yet.
    if (body.has_error() && body.error().kind == ErrorKind::conflict) {
      co_return make_error(ErrorKind::busy, body.error().message);
    }
    co_return done(body);
  }

  asio::awaitable<Result<int>> wait(std::string id) override {
    const std::string doing = "wait for container " + id;
    Call call{"", doing, "POST", container_path(id, "/wait?condition=not-running"), {}, true};
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return parsed(doing, body, &docker::parse_exit);
  }

  asio::awaitable<Result<std::vector<ContainerState>>> list(Labels with_labels) override {
    const std::string doing = "list containers";
    Call call{"list", doing, "GET", "/containers/json?all=true&filters=", {}, false};
    call.path += docker::label_filters(with_labels, {});
    auto body = co_await api_->call(std::move(call));
    co_return parsed(doing, body, &docker::parse_containers);
  }

  asio::awaitable<Result<std::string>> logs(std::string id, std::size_t last_lines) override {
    const std::string doing = "read the log of container " + id;
    Call call{"logs", doing, "GET", container_path(id, "/logs?stdout=true&stderr=true&tail="), {}, false};
    call.path += std::to_string(last_lines);
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return parsed(doing, body, &docker::join_log_frames);
  }

  asio::awaitable<Result<void>> update(std::string id, std::uint64_t memory_bytes,
                                       std::uint64_t nano_cpus) override {
    Call call{"update", "update container " + id, "POST", container_path(id, "/update"), {}, false};
    call.body = docker::update_body(memory_bytes, nano_cpus);
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return done(body);
  }

  asio::awaitable<Result<void>> pause(std::string id) override {
    Call call{"pause", "pause container " + id, "POST", container_path(id, "/pause"), {}, false};
    auto body = co_await freeze(std::move(id), std::move(call), true);
    co_return body;
  }

  asio::awaitable<Result<void>> unpause(std::string id) override {
    Call call{"unpause", "resume container " + id, "POST", container_path(id, "/unpause"), {}, false};
    auto body = co_await freeze(std::move(id), std::move(call), false);
    co_return body;
  }

  asio::awaitable<Result<cgroup::Usage>> stats(std::string id) override {
    const std::string doing = "measure container " + id;
    const auto api = api_;
    auto agreed = co_await api->agree(false);
    if (agreed.has_error()) co_return while_doing(doing, agreed.error());
    // Without it the engine takes a second sample a second later, for a share of CPU that nobody asked for.
    const char* const query =
        docker::has_one_shot(agreed->info) ? "/stats?stream=false&one-shot=true" : "/stats?stream=false";
    Call call{"stats", doing, "GET", container_path(id, query), {}, false};
    auto body = co_await on_container(std::move(id), std::move(call));
    co_return parsed(doing, body, &docker::parse_stats);
  }

  asio::awaitable<Result<ImageInfo>> image(std::string reference) override {
    const std::string doing = "inspect image " + reference;
    auto good = docker::check_image(reference);
    if (good.has_error()) co_return while_doing(doing, good.error());
    Call call{"image", doing, "GET", "/images/" + reference + "/json", {}, false};
    auto body = co_await api_->call(std::move(call));
    co_return parsed(doing, body, &docker::parse_image);
  }

  std::unique_ptr<Subscription> events(Labels with_labels, std::function<void(EngineEvent)> on_event,
                                       std::function<void()> on_gap) override {
    return docker::subscribe(api_, std::move(with_labels), std::move(on_event), std::move(on_gap));
  }

  EngineHealth health() const override { return api_->health(); }

 private:
  /// The engine calls it an error when a container is already as it should be.
  asio::awaitable<Result<void>> freeze(std::string id, Call call, bool paused) {
    auto body = co_await on_container(id, std::move(call));
    if (body.has_value()) co_return Result<void>{};
    auto seen = co_await inspect(std::move(id));
    if (seen.has_value() && seen->running && seen->paused == paused) co_return Result<void>{};
    co_return body.error();
  }

  asio::awaitable<Result<std::string>> on_container(std::string id, Call call) {
    auto good = docker::check_container(id);
    if (good.has_error()) co_return while_doing(call.doing, good.error());
    auto body = co_await api_->call(std::move(call));
    co_return body;
  }

  const std::shared_ptr<docker::Api> api_;
};

}  // namespace

std::unique_ptr<Engine> make_docker_engine(asio::any_io_executor executor, DockerOptions options) {
  return std::make_unique<DockerEngine>(std::move(executor), std::move(options));
}

}  // namespace carrel::sandbox
