#include "fakes.hpp"

#include <chrono>
#include <cstdlib>

#include "orchestrator/sandbox/control_path.hpp"
#include "streamer/protocol/channel.hpp"

namespace carrel::sandbox::fake {

namespace asio = boost::asio;
namespace fs = std::filesystem;

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
  return protocol::send(container.streamer.get(), protocol::Hello{});
}

asio::awaitable<Result<EngineInfo>> FakeEngine::info() {
  co_return EngineInfo{};
}

asio::awaitable<Result<std::string>> FakeEngine::create(ContainerSpec spec) {
  if (create_fails) co_return *create_fails;
  const std::string id = "c" + std::to_string(next_id_++);
  containers[id].spec = std::move(spec);
  most_at_once = std::max(most_at_once, containers.size());
  co_return id;
}

asio::awaitable<Result<void>> FakeEngine::start(std::string id) {
  if (start_fails) co_return *start_fails;
  containers.at(id).running = true;
  if (!says_hello) co_return Result<void>();
  const auto connected = connect_streamer(id);
  co_return connected;
}

asio::awaitable<Result<ContainerState>> FakeEngine::inspect(std::string id) {
  ++inspect_calls;
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
  if (remove_fails) co_return *remove_fails;
  containers.erase(id);
  co_return Result<void>();
}

asio::awaitable<Result<int>> FakeEngine::wait(std::string) {
  co_return 0;
}

asio::awaitable<Result<std::vector<ContainerState>>> FakeEngine::list(Labels with_labels) {
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
    states.push_back(std::move(state));
  }
  co_return states;
}

asio::awaitable<Result<std::string>> FakeEngine::logs(std::string, std::size_t) {
  co_return std::string();
}

asio::awaitable<Result<void>> FakeEngine::update(std::string, std::uint64_t, std::uint64_t) {
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
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  found->second.paused = true;
  co_return Result<void>();
}

asio::awaitable<Result<void>> FakeEngine::unpause(std::string id) {
  const auto found = containers.find(id);
  if (found == containers.end()) co_return make_error(ErrorKind::not_found, "No such container: " + id);
  found->second.paused = false;
  co_return Result<void>();
}

asio::awaitable<Result<ImageInfo>> FakeEngine::image(std::string) {
  co_return ImageInfo{"sha256:fake", 1};
}

std::unique_ptr<Engine::Subscription> FakeEngine::events(Labels, std::function<void(EngineEvent)>,
                                                         std::function<void()>) {
  return std::make_unique<Subscription>();
}

asio::awaitable<Result<void>> FakeJournal::record(JournalEntry entry) {
  entries.push_back(std::move(entry));
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

RunDirectory::RunDirectory() {
  std::string name = (fs::temp_directory_path() / "carrel-run-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

RunDirectory::~RunDirectory() {
  fs::remove_all(path_);
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
