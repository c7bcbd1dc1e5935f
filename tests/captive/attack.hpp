#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "streamer/protocol/message.hpp"

/// What a streamer that has been taken over could try. Only ever run in a container of the test's own.
namespace carrel::captive {

/// A request that carries the name of an attack, and what came with it.
struct Target {
  int control = -1;
  protocol::Serve request;
  std::vector<UniqueFd> descriptors;  ///< [the client's socket, the film, perhaps the index]

  [[nodiscard]] int client() const { return descriptors.at(0).get(); }
  [[nodiscard]] int film() const { return descriptors.at(1).get(); }
};

/// The attack that `request` names by If-None-Match: "attack-NAME"; empty: none.
[[nodiscard]] std::string attack_of(const protocol::Serve& request);

/// Runs one; an unknown name is answered as such. What it survives it answers with the outcome, as text.
void attack(Target target, std::string_view name);

/// Answers `text` with status 200 and says Done, truthfully.
void answer(Target& target, const std::string& text);

/// The same, in two parts: only what is sent, and only what is said.
[[nodiscard]] std::size_t send_answer(int client, const std::string& text);
void say_done(const Target& target, protocol::RequestId id, std::size_t bytes, std::string detail = {});

// One file each; false: no such attack there.
bool attack_host(Target& target, std::string_view name);
bool attack_daemon(Target& target, std::string_view name);
bool attack_client(Target& target, std::string_view name);
bool attack_jail(Target& target, std::string_view name);

}  // namespace carrel::captive
