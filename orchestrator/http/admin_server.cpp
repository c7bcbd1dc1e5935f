#include "orchestrator/http/admin_server.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "orchestrator/http/connection.hpp"
#include "orchestrator/http/socket_file.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observe/spawn.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using local = asio::local::stream_protocol;

namespace {

constexpr std::size_t kMaxConnections = 64;
constexpr std::chrono::milliseconds kPauseWhenFull{50};
constexpr char kLocalPeer[] = "local";

std::string name_of_user(uid_t uid) {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(uid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr;
  return known ? entry.pw_name : std::to_string(uid);
}

/// Nothing when the kernel does not say.
std::optional<uid_t> user_of(local::socket& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return std::nullopt;
  }
  return credentials.uid;
}

class AdminServer final : public Server {
 public:
  AdminServer(asio::any_io_executor executor, Services& services, local::acceptor acceptor,
              std::optional<SocketFile> file, std::string address)
      : executor_(std::move(executor)),
        services_(services),
        acceptor_(std::move(acceptor)),
        file_(std::move(file)),
        address_(std::move(address)),
        load_(std::make_shared<ServerLoad>()) {
    // Now, because looking names up may ask the network, and nobody else is an administrator anyway.
    for (const uid_t uid : {uid_t{0}, ::geteuid()}) actors_[uid] = "local:" + name_of_user(uid);
  }

  void start() override {
    // Drained is only who has also looked at the connections that were being accepted.
    load_->begin_answer();
    spawn(executor_, accept_until_stopped(), "accepting administrators");
  }

  void stop(Backlog backlog, std::function<void()> on_drained) override {
    boost::system::error_code ignored;
    backlog == Backlog::keep ? acceptor_.cancel(ignored) : acceptor_.close(ignored);
    load_->stop(std::move(on_drained));
    spawn(executor_, end_connections(executor_, load_), "ending connections");
  }

  [[nodiscard]] Result<PassedSocket> pass_on() override {
    UniqueFd copy(::fcntl(acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return errno_error("duplicate the admin socket", errno);
    PassedSocket passed{std::move(copy), file_ ? file_->mark() : std::string()};
    if (file_) file_->release();
    return passed;
  }

  [[nodiscard]] std::string address() const override { return address_; }

 private:
  asio::awaitable<void> accept_until_stopped() {
    co_await accept_again_and_again();
    load_->end_answer();
  }

  asio::awaitable<void> accept_again_and_again() {
    while (!load_->stopping()) {
      auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error && load_->stopping()) co_return;
      if (error) {
        log::warn("admin.accept_failed", {{"reason", error.message()}});
        co_await pause();
        continue;
      }
      Peer peer = peer_of(socket);
      if (!load_->admit(peer.address, kMaxConnections)) continue;
      spawn(executor_, serve_connection(std::move(socket), services_, load_, std::move(peer)),
            "serving an administrator");
    }
  }

  [[nodiscard]] Peer peer_of(local::socket& socket) const {
    Peer peer;
    peer.address = kLocalPeer;
    const auto uid = user_of(socket);
    const auto actor = uid ? actors_.find(*uid) : actors_.end();
    peer.barred = actor == actors_.end();
    if (peer.barred) {
      // A share of its own, so that it cannot use up the administrators'.
      peer.address = "uid " + (uid ? std::to_string(*uid) : std::string("unknown"));
      log::warn("admin.refused", {{"peer", peer.address}});
    } else {
      peer.local_admin = actor->second;
    }
    return peer;
  }

  asio::awaitable<void> pause() {
    asio::steady_timer timer(executor_, kPauseWhenFull);
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::any_io_executor executor_;
  Services& services_;
  local::acceptor acceptor_;
  std::optional<SocketFile> file_;  ///< nothing: it is a service manager's
  std::string address_;
  std::shared_ptr<ServerLoad> load_;
  std::map<uid_t, std::string> actors_;
};

struct Listening {
  UniqueFd socket;
  std::optional<SocketFile> file;
};

/// The service manager's socket, or the predecessor's whose file lies at `path`; nothing if there is none.
std::optional<Listening> take_socket(std::vector<PassedSocket>& passed, const std::filesystem::path& path) {
  const auto found = std::find_if(passed.begin(), passed.end(),
                                  [](const PassedSocket& one) { return listens(one.socket, AF_UNIX); });
  if (found == passed.end()) return std::nullopt;
  PassedSocket taken = std::move(*found);
  passed.erase(found);
  if (!SocketFile::is_mark(taken.name)) return Listening{std::move(taken.socket), std::nullopt};
  Result<SocketFile> file = SocketFile::at(path);
  if (file.has_error()) return std::nullopt;
  if (file->mark() == taken.name) return Listening{std::move(taken.socket), std::move(*file)};
  file->release();
  return std::nullopt;
}

Result<Listening> take_or_bind(std::vector<PassedSocket>& passed, const std::filesystem::path& path) {
  if (auto taken = take_socket(passed, path)) return std::move(*taken);
  Result<BoundSocket> bound = bind_socket_file(path);
  if (bound.has_error()) {
    Error error = bound.error();
    error.message += "; set admin.socket (CARREL_ADMIN_SOCKET) to another path, or to nothing";
    return error;
  }
  return Listening{std::move(bound->listener), std::move(bound->file)};
}

}  // namespace

Result<std::unique_ptr<Server>> listen_for_admins(asio::any_io_executor executor, Services& services,
                                                  const std::filesystem::path& path,
                                                  std::vector<PassedSocket>& passed) {
  Result<Listening> listening = take_or_bind(passed, path);
  if (listening.has_error()) return listening.error();
  local::acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.assign(local(), listening->socket.get(), error);
  if (error) return make_error(ErrorKind::internal, "listen at " + path.string() + ": " + error.message());
  static_cast<void>(listening->socket.release());
  return std::make_unique<AdminServer>(std::move(executor), services, std::move(acceptor),
                                       std::move(listening->file), path.string());
}

}  // namespace carrel::http
