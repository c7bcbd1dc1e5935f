#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "streamer/protocol/channel.hpp"
#include "streamer/serve/control_link.hpp"
#include "streamer/serve/packager.hpp"
#include "streamer/serve/poller.hpp"
#include "streamer/serve/transfer.hpp"

namespace carrel::streamer {

struct ServerSettings {
  std::size_t most_transfers = protocol::kMaxTransfers;
  std::uint64_t turn_bytes = 512 * 1024;     ///< sent for one transfer before the others have their turn
  std::chrono::milliseconds making_turn{5};  ///< of work on what is sent later, before the others' turn
  std::chrono::milliseconds retry{200};      ///< between attempts to reach the daemon again
  unsigned attempts = 300;                   ///< of them, before leaving
};

/// Answers the daemon's requests, many at a time, on one thread. Everything it needs from the operating
/// system is made by make(), so that run() works inside the jail. SIGPIPE must be ignored in the process.
class Server {
 public:
  [[nodiscard]] static Result<Server> make(ControlLink link, Packager& packager,
                                           const ServerSettings& settings);

  [[nodiscard]] std::vector<int> control_descriptors() const { return link_.descriptors(); }
  [[nodiscard]] int ticker_descriptor() const { return ticker_.fd(); }

  /// Says Hello and serves until the daemon has been away for `attempts` × `retry` (or no spare socket is
  /// left) and no transfer is running. An error: the operating system refused something that the loop cannot
  /// go on without.
  [[nodiscard]] Result<void> run();

 private:
  struct Running {
    protocol::RequestId id;
    std::uint64_t generation;
    Transfer transfer;
    bool making = false;  ///< it stands in making_
  };
  using Table = std::unordered_map<std::uint64_t, Running>;

  Server(ControlLink link, Packager& packager, const ServerSettings& settings, Poller poller, Ticker ticker);

  [[nodiscard]] Result<void> greet();
  void watch_link();
  void lose_link();
  [[nodiscard]] Result<void> try_again();
  void on_link(std::uint32_t events);
  void on_transfer(Table::iterator found, std::uint32_t events);
  void go_on(Table::iterator found, Transfer::State state);
  void wait_to_be_made(Table::iterator found);
  void make_more();
  void end(Table::iterator found);
  [[nodiscard]] bool take_message();
  void begin(const protocol::Serve& request, std::vector<UniqueFd> descriptors);
  void report(Running ended);
  void refuse(protocol::RequestId id, const std::string& why);
  void tell(protocol::Message message);
  [[nodiscard]] protocol::Pong pong(protocol::RequestId id) const;

  ControlLink link_;
  Packager* packager_;
  ServerSettings settings_;
  Poller poller_;
  Ticker ticker_;
  Table running_;
  std::deque<std::uint64_t> making_;  ///< tokens; the first is worked on, so that one at a time holds memory
  std::uint64_t next_token_;
  unsigned attempts_left_ = 0;
};

}  // namespace carrel::streamer
