#include "fakes.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>

#include "orchestrator/sandbox/control_path.hpp"
#include "streamer/protocol/channel.hpp"

namespace carrel::sandbox::fake {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

asio::awaitable<void> linger(Fault fault) {
  if (fault.delay.count() == 0) co_return;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, fault.delay);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

void FakeEngine::die(const std::string& id, int exit_code, bool oom_killed) {
  Container& container = containers.at(id);
  container.running = false;
  container.exit_code = exit_code;
  container.oom_killed = oom_killed;
  container.streamer.reset();
}

Result<void> FakeEngine::connect_streamer(const std::string& id) {
  Container& container = containers.at(id);
  const auto socket = fs::path(container.spec.mounts.front().source) / kControlSocket;
  auto connected = protocol::connect_to(socket.c_str());
  if (connected.has_error()) return connected.error();
  container.streamer = std::move(*connected);
  const protocol::Hello hello{.earlier_transfers = container.earlier_transfers};
  return protocol::send(container.streamer.get(), hello);
}

Fault FakeEngine::fault_of(const std::string& call, const std::string& target) const {
  return on_call ? on_call(call, target) : Fault{};
}

std::map<std::string, Container>::iterator FakeEngine::find(const std::string& id_or_name) {
  const auto by_id = containers.find(id_or_name);
  if (by_id != containers.end()) return by_id;
  return std::ranges::find_if(containers,
                              [&](const auto& one) { return one.second.spec.name == id_or_name; });
}

void FakeEngine::pump() {
  for (auto& [id, container] : containers) {
    const bool reads = container.running && !container.paused && !container.hangs && container.streamer;
    while (reads && container.streamer) {
      const auto received = protocol::receive(container.streamer.get());
      if (received.has_error()) container.streamer.reset();
      if (received.has_error() || !*received) break;
      if (const auto* ping = std::get_if<protocol::Ping>(&(*received)->message)) {
        container.earlier_bytes += container.earlier_transfers;
        const protocol::Pong pong{ping->id, container.earlier_transfers, container.earlier_bytes};
        static_cast<void>(protocol::send(container.streamer.get(), pong));
      } else if (const auto* serve = std::get_if<protocol::Serve>(&(*received)->message)) {
        container.asked.push_back(serve->id);
      }
    }
  }
}

void FakeEngine::tell(const std::string& action, const std::string& id) {
  const auto found = containers.find(id);
  if (!on_event || found == containers.end()) return;
  on_event(EngineEvent{action, id, found->second.spec.labels, 0});
}

asio::awaitable<Result<EngineInfo>> FakeEngine::info() {
  co_return EngineInfo{};
}

asio::awaitable<Result<std::string>> FakeEngine::create(ContainerSpec spec) {
  const Fault fault = fault_of("create", spec.name);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  created.push_back(spec);
  if (create_fails) co_return *create_fails;
  const std::string id = "c" + std::to_string(next_id_++);
  containers[id].spec = std::move(spec);
  most_at_once = std::max(most_at_once, containers.size());
  if (fault.error) co_return *fault.error;
  co_return id;
}

asio::awaitable<Result<void>> FakeEngine::start(std::string id) {
  const Fault fault = fault_of("start", id);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  if (start_fails) co_return *start_fails;
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  const std::string& holder = found->second.spec.network_of;
  const bool holds = std::ranges::any_of(
      containers, [&](const auto& one) { return one.second.spec.name == holder && one.second.running; });
  if (!holder.empty() && !holds)
    co_return make_error(ErrorKind::internal, "cannot join network of a non running container: " + holder);
  found->second.running = true;
  if (fault.error) co_return *fault.error;
  if (!says_hello || found->second.hangs || found->second.spec.mounts.empty()) co_return Result<void>();
  const auto connected = connect_streamer(id);
  co_return connected;
}

asio::awaitable<Result<ContainerState>> FakeEngine::inspect(std::string id) {
  ++inspect_calls;
  const Fault fault = fault_of("inspect", id);
  co_await linger(fault);
  if (fault.error) co_return *fault.error;
  if (inspect_fails) co_return *inspect_fails;
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  ContainerState state;
  state.id = id;
  state.running = found->second.running || looks_until_noticed-- > 0;
  state.oom_killed = found->second.oom_killed;
  state.exit_code = found->second.exit_code;
  state.pid = found->second.pid;
  co_return state;
}

asio::awaitable<Result<void>> FakeEngine::kill(std::string id, std::string) {
  die(id, 137);
  co_return Result<void>();
}

asio::awaitable<Result<void>> FakeEngine::remove(std::string id) {
  const Fault fault = fault_of("remove", id);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  if (remove_fails) co_return *remove_fails;
  const auto found = find(id);
  if (found != containers.end()) {
    tell("destroy", found->first);
    containers.erase(found->first);
  }
  if (fault.error) co_return *fault.error;
  co_return Result<void>();
}

asio::awaitable<Result<int>> FakeEngine::wait(std::string) {
  co_return 0;
}

asio::awaitable<Result<std::vector<ContainerState>>> FakeEngine::list(Labels with_labels) {
  const Fault fault = fault_of("list", {});
  co_await linger(fault);
  if (fault.error) co_return *fault.error;
  if (list_fails) co_return *list_fails;
  std::vector<ContainerState> states;
  for (const auto& [id, container] : containers) {
    bool matches = true;
    for (const auto& [key, value] : with_labels) {
      const auto label = container.spec.labels.find(key);
      matches = matches && label != container.spec.labels.end() && label->second == value;
    }
    if (!matches) continue;
    ContainerState state;
    state.id = id;
    state.labels = container.spec.labels;
    state.running = container.running;
    state.paused = container.paused;
    state.created_at = container.created_at;
    state.image_id = container.spec.image;
    states.push_back(std::move(state));
  }
  co_return states;
}

asio::awaitable<Result<std::string>> FakeEngine::logs(std::string, std::size_t) {
  co_return std::string();
}

asio::awaitable<Result<void>> FakeEngine::update(std::string id, std::uint64_t memory_bytes,
                                                 std::uint64_t nano_cpus) {
  const Fault fault = fault_of("update", id);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  if (update_fails) co_return *update_fails;
  updated.push_back(id + " " + std::to_string(memory_bytes) + " " + std::to_string(nano_cpus));
  if (fault.error) co_return *fault.error;
  co_return Result<void>();
}

asio::awaitable<Result<cgroup::Usage>> FakeEngine::stats(std::string id) {
  ++stats_calls;
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  cgroup::Usage usage;
  usage.memory_limit_bytes = found->second.spec.memory_bytes;
  co_return usage;
}

asio::awaitable<Result<void>> FakeEngine::pause(std::string id) {
  const Fault fault = fault_of("pause", id);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  if (pause_fails) co_return *pause_fails;
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  found->second.paused = true;
  if (fault.error) co_return *fault.error;
  co_return Result<void>();
}

asio::awaitable<Result<void>> FakeEngine::unpause(std::string id) {
  const Fault fault = fault_of("unpause", id);
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  if (unpause_fails) co_return *unpause_fails;
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  found->second.paused = false;
  if (fault.error) co_return *fault.error;
  co_return Result<void>();
}

asio::awaitable<Result<ImageInfo>> FakeEngine::image(std::string reference) {
  const Fault fault = fault_of("image", reference);
  co_await linger(fault);
  if (fault.error) co_return *fault.error;
  if (image_fails) co_return *image_fails;
  ImageInfo info;
  info.id = image_id;
  co_return info;
}

std::unique_ptr<Engine::Subscription> FakeEngine::events(Labels, std::function<void(EngineEvent)> event,
                                                         std::function<void()> gap) {
  on_event = std::move(event);
  on_gap = std::move(gap);
  return std::make_unique<Subscription>();
}

asio::awaitable<Result<void>> FakeJournal::record(JournalEntry entry) {
  const Fault fault = on_record ? on_record(entry) : Fault{};
  co_await linger(fault);
  if (fault.error && !fault.after) co_return *fault.error;
  entries.push_back(std::move(entry));
  if (fault.error) co_return *fault.error;
  co_return Result<void>();
}

asio::awaitable<Result<std::vector<JournalEntry>>> FakeJournal::unfinished() {
  std::map<std::string, JournalEntry> last;
  for (const auto& entry : entries) last[entry.identity.sandbox] = entry;
  std::vector<JournalEntry> result;
  for (const auto& [id, entry] : last) {
    if (entry.state != State::removed) result.push_back(entry);
  }
  co_return result;
}

std::string FakeJournal::life_of(const std::string& sandbox) const {
  std::string life;
  for (const auto& entry : entries) {
    if (entry.identity.sandbox != sandbox) continue;
    if (!life.empty()) life += ' ';
    life += to_string(entry.state);
    if (entry.state == State::failed) life += "(" + std::string(to_string(entry.reason)) + ")";
  }
  return life;
}

bool run_until(asio::io_context& loop, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    loop.restart();
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

}  // namespace carrel::sandbox::fake
