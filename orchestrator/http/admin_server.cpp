#include "orchestrator/http/admin_server.hpp"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "orchestrator/http/accept_loop.hpp"
#include "orchestrator/http/socket_file.hpp"
#include "orchestrator/observe/log.hpp"

namespace carrel::http {

namespace asio = boost::asio;
using local = asio::local::stream_protocol;

namespace {

constexpr AcceptLoop<local>::Bounds kBounds{.connections = 256, .of_one_peer = 64};
constexpr char kLocalPeer[] = "local";
constexpr char kBarredPeers[] = "local, barred";

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
  AdminServer(Services& services, local::acceptor acceptor, std::optional<SocketFile> file,
              std::string address)
      : file_(std::move(file)),
        address_(std::move(address)),
        loop_(services, std::move(acceptor), kBounds,
              [this](local::socket& socket) { return peer_of(socket); }) {
    // Now, because looking names up may ask the network, and nobody else is an administrator anyway.
    for (const uid_t uid : {uid_t{0}, ::geteuid()}) actors_[uid] = "local:" + name_of_user(uid);
  }

  void start() override { loop_.start(); }

  void stop(Backlog backlog, std::function<void()> on_drained) override {
    loop_.stop(backlog, std::move(on_drained));
  }

  [[nodiscard]] Result<PassedSocket> pass_on() override {
    Result<UniqueFd> copy = loop_.duplicate();
    if (copy.has_error()) return copy.error();
    PassedSocket passed{std::move(*copy), file_ ? file_->mark() : std::string()};
    if (file_) file_->release();
    return passed;
  }

  [[nodiscard]] std::string address() const override { return address_; }

 private:
  [[nodiscard]] Peer peer_of(local::socket& socket) const {
    Peer peer;
    peer.address = kLocalPeer;
    const auto uid = user_of(socket);
    const auto actor = uid ? actors_.find(*uid) : actors_.end();
    peer.barred = actor == actors_.end();
    if (peer.barred) {
      // A share of their own, so that they cannot use up the administrators'.
      peer.address = kBarredPeers;
      log::warn("admin.refused", {{"uid", uid ? std::to_string(*uid) : std::string("unknown")}});
    } else {
      peer.local_admin = actor->second;
    }
    return peer;
  }

  std::optional<SocketFile> file_;  ///< nothing: it is a service manager's
  std::string address_;
  std::map<uid_t, std::string> actors_;
  AcceptLoop<local> loop_;
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
  return std::make_unique<AdminServer>(services, std::move(acceptor), std::move(listening->file),
                                       path.string());
}

}  // namespace carrel::http
