#include "orchestrator/config/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "orchestrator/config/values.hpp"

namespace carrel::config {
namespace {

constexpr unsigned kMappedBits = 96;
constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Address {
  std::array<unsigned char, 16> bytes{};
  bool is_v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  std::ranges::copy(kMapped, address.bytes.begin());
  address.is_v4 = true;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + kMapped.size()) == 1) return address;
  return std::nullopt;
}

bool bit_of(const std::array<unsigned char, 16>& bytes, unsigned index) {
  return (bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

}  // namespace

Result<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  const auto error = [&] {
    return make_error(ErrorKind::invalid,
                      quote(text) + " is not an address or a network, such as 127.0.0.1 or 10.0.0.0/8");
  };
  if (!address) return error();
  Network network{address->bytes, 128};
  if (slash == std::string_view::npos) return network;
  const auto bits = parse_count(text.substr(slash + 1), 0, address->is_v4 ? 32 : 128);
  if (!bits) return error();
  network.bits = static_cast<unsigned>(*bits) + (address->is_v4 ? kMappedBits : 0);
  for (unsigned bit = network.bits; bit < 128; ++bit) {
    if (bit_of(network.address, bit)) {
      return make_error(ErrorKind::invalid, quote(text) + " has bits beyond the length of its network");
    }
  }
  return network;
}

std::string to_string(const Network& network) {
  const bool v4 =
      network.bits >= kMappedBits && std::equal(kMapped.begin(), kMapped.end(), network.address.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* bytes = network.address.data() + (v4 ? kMapped.size() : 0);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  std::string result = text.data();
  if (network.bits < 128) result += "/" + std::to_string(network.bits - (v4 ? kMappedBits : 0));
  return result;
}

bool contains(const Network& network, std::string_view address) {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    if (bit_of(network.address, bit) != bit_of(parsed->bytes, bit)) return false;
  }
  return true;
}

}  // namespace carrel::config
