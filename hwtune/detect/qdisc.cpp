#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/unique_fd.hpp"
#include "hwtune/detect/probes.hpp"

namespace carrel::hwtune {
namespace {

struct Request {
  nlmsghdr header;
  ifinfomsg body;
};

std::string text_of(const char* data, std::size_t size) {
  return std::string(data, ::strnlen(data, size));
}

/// One link's attributes, each a header of 4 bytes and its value, padded to 4.
void take_link(const char* data, std::size_t size, std::map<std::string, std::string>& found) {
  std::string name;
  std::string qdisc;
  std::size_t at = NLMSG_ALIGN(sizeof(ifinfomsg));
  while (at + sizeof(rtattr) <= size) {
    rtattr attribute{};
    std::memcpy(&attribute, data + at, sizeof attribute);
    if (attribute.rta_len < sizeof(rtattr) || at + attribute.rta_len > size) break;
    const char* value = data + at + RTA_LENGTH(0);
    const std::size_t length = attribute.rta_len - RTA_LENGTH(0);
    if (attribute.rta_type == IFLA_IFNAME) name = text_of(value, length);
    if (attribute.rta_type == IFLA_QDISC) qdisc = text_of(value, length);
    at += RTA_ALIGN(attribute.rta_len);
  }
  if (!name.empty() && !qdisc.empty()) found[name] = qdisc;
}

/// False: that was the last.
bool take_messages(const char* data, std::size_t size, std::map<std::string, std::string>& found) {
  std::size_t at = 0;
  while (at + sizeof(nlmsghdr) <= size) {
    nlmsghdr header{};
    std::memcpy(&header, data + at, sizeof header);
    if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size) return false;
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) return false;
    if (header.nlmsg_type == RTM_NEWLINK) {
      take_link(data + at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN, found);
    }
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return true;
}

}  // namespace

std::map<std::string, std::string> qdiscs_of_links() {
  std::map<std::string, std::string> found;
  const UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  const timeval patience{2, 0};
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
      ::send(socket.get(), &request, sizeof request, 0) < 0) {
    return found;
  }
  std::array<char, 65536> answer{};
  for (;;) {
    const ssize_t size = ::recv(socket.get(), answer.data(), answer.size(), 0);
    if (size <= 0 || !take_messages(answer.data(), static_cast<std::size_t>(size), found)) return found;
  }
}

}  // namespace carrel::hwtune
