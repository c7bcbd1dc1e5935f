#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/unique_fd.hpp"
#include "hwtune/detect/probes.hpp"

namespace carrel::hwtune {
namespace {

struct Offload {
  const char* name;
  std::uint32_t command;
};
constexpr std::array<Offload, 5> kOffloads{{{"gro", ETHTOOL_GGRO},
                                            {"gso", ETHTOOL_GGSO},
                                            {"scatter-gather", ETHTOOL_GSG},
                                            {"tso", ETHTOOL_GTSO},
                                            {"tx-checksum", ETHTOOL_GTXCSUM}}};

}  // namespace

std::optional<std::map<std::string, bool>> offloads_of(const std::string& link) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || link.size() >= IFNAMSIZ) return std::nullopt;
  std::map<std::string, bool> found;
  for (const auto& offload : kOffloads) {
    ethtool_value value{offload.command, 0};
    ifreq request{};
    std::ranges::copy(link, request.ifr_name);
    std::memcpy(&request.ifr_data, std::array{&value}.data(), sizeof request.ifr_data);
    if (::ioctl(socket.get(), SIOCETHTOOL, &request) == 0) found.emplace(offload.name, value.data != 0);
  }
  if (found.empty()) return std::nullopt;
  return found;
}

}  // namespace carrel::hwtune
