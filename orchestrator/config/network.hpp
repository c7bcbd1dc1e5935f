#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace carrel::config {

/// The addresses that begin with the same bits. IPv4 is kept as IPv6 has it, ::ffff:a.b.c.d.
struct Network {
  std::array<unsigned char, 16> address{};
  unsigned bits = 128;

  friend bool operator==(const Network&, const Network&) = default;
};

/// "127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8".
[[nodiscard]] Result<Network> parse_network(std::string_view text);
[[nodiscard]] std::string to_string(const Network& network);

/// False too for what is no address.
[[nodiscard]] bool contains(const Network& network, std::string_view address);

}  // namespace carrel::config
