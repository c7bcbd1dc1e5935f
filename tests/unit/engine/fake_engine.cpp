#include "tests/unit/engine/fake_engine.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace carrel::test {
namespace {

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

void send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

FakeEngine::FakeEngine(Script script) : script_(std::move(script)) {
  path_ = (folder_.path() / "engine.sock").string();
  listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  require(path_.size() < sizeof(address.sun_path), "the temporary folder's path is too long");
  path_.copy(address.sun_path, path_.size());
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  require(::bind(listener_.get(), generic, sizeof(address)) == 0, "bind");
  require(::listen(listener_.get(), 64) == 0, "listen");
  stop_.reset(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this] { run(); });
}

FakeEngine::~FakeEngine() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::vector<std::string> FakeEngine::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool FakeEngine::readable(int descriptor) const {
  std::array<pollfd, 2> watched{{{descriptor, POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  ::poll(watched.data(), watched.size(), -1);
  return watched[1].revents == 0;
}

void FakeEngine::run() {
  while (readable(listener_.get())) {
    const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) serve(client);
  }
}

std::string FakeEngine::read_request(int client) const {
  std::string text;
  std::array<char, 4096> buffer{};
  std::size_t wanted = std::string::npos;
  while (text.size() < wanted) {
    if (!readable(client)) break;
    const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const std::size_t length = text.find("Content-Length: ");
    wanted = head + 4 + (length < head ? std::stoul(text.substr(length + 16)) : 0);
  }
  return text;
}

void FakeEngine::serve(const UniqueFd& client) {
  const std::string request = read_request(client.get());
  if (request.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  std::string reply = script_(request);
  const bool hold = reply.ends_with(kHold);
  if (hold) reply.pop_back();
  send_all(client.get(), reply);
  if (!hold) return;
  std::array<char, 64> ignored{};
  while (readable(client.get()) && ::recv(client.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
}

std::string answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Said\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

FakeEngine::Script docker_that(FakeEngine::Script otherwise) {
  return [otherwise = std::move(otherwise)](const std::string& request) {
    if (request.starts_with("GET /version ")) {
      return answer(200, R"({"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12",
                             "Components":[{"Name":"Engine"}]})");
    }
    if (request.starts_with("GET /v1.41/info ")) return answer(200, R"({"CgroupVersion":"1"})");
    return otherwise(request);
  };
}

std::string first_line(const std::string& request) {
  return request.substr(0, request.find("\r\n"));
}

}  // namespace carrel::test
