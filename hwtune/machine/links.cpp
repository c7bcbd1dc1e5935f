#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <map>

#include "hwtune/machine/read.hpp"
#include "hwtune/machine/text.hpp"

namespace carrel::machine {
namespace {

constexpr char kNet[] = "sys/class/net/";

using Metric = std::uint32_t;  // the least one is taken first

/// Those with a default route (proc(5): /proc/net/route, ipv6_route; where IPv6 has none, the kernel lists
/// one that refuses, on lo), and the metric of the one that is used.
std::map<std::string, Metric> ways_out(const Root& root) {
  std::map<std::string, Metric> found;
  const auto add = [&](std::string_view name, std::string_view text, int base) {
    Metric metric = std::numeric_limits<Metric>::max();
    std::from_chars(text.data(), text.data() + text.size(), metric, base);
    auto& least = found.try_emplace(std::string(name), metric).first->second;
    least = std::min(least, metric);
  };
  const auto routes = root.text("proc/net/route").value_or("");
  for (const auto line : lines_of(routes)) {
    const auto words = words_of(line);
    if (words.size() > 7 && words[1] == "00000000" && words[7] == "00000000") add(words[0], words[6], 10);
  }
  const auto routes6 = root.text("proc/net/ipv6_route").value_or("");
  for (const auto line : lines_of(routes6)) {
    const auto words = words_of(line);
    const bool all = words.size() > 9 && words[0].find_first_not_of('0') == std::string_view::npos;
    if (all && words[1] == "00") add(words[9], words[5], 16);
  }
  return found;
}

std::uint64_t count_in(const Root& root, const std::string& path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, root.number(path).value_or(0)));
}

void read_speed(const Root& root, const std::string& folder, Link& link) {
  const auto mbit = root.number(folder + "speed");
  link.mbit = mbit && *mbit > 0 ? mbit : std::nullopt;  // -1: nobody knows
  link.duplex = root.text(folder + "duplex");
  if (link.duplex == "unknown") link.duplex.reset();
}

/// What a bridge says of its speed, if anything, is that of its fastest port, which a container may be
/// behind.
void read_speed_of_ports(const Root& root, const std::string& bridge, Link& link) {
  std::optional<Link> fastest;
  for (const auto& port : root.list(bridge + "brif")) {
    const std::string folder = kNet + port + "/";
    if (!root.exists(folder + "device")) continue;
    Link each;
    read_speed(root, folder, each);
    if (!fastest || each.mbit > fastest->mbit) fastest = each;
  }
  if (!fastest) return;
  link.mbit = fastest->mbit;
  link.duplex = fastest->duplex;
}

Link link_of(const Root& root, const std::string& name) {
  const std::string folder = kNet + name + "/";
  Link link;
  link.name = name;
  link.physical = root.exists(folder + "device");
  link.wireless = root.exists(folder + "wireless") || root.exists(folder + "phy80211");
  link.state = root.text(folder + "operstate").value_or("unknown");
  read_speed(root, folder, link);
  read_speed_of_ports(root, folder, link);
  link.mtu = root.number(folder + "mtu");
  if (const auto driver = root.link(folder + "device/driver")) {
    link.driver = std::filesystem::path(*driver).filename().string();
  }
  const std::string counts = folder + "statistics/";
  link.errors = count_in(root, counts + "rx_errors") + count_in(root, counts + "tx_errors");
  link.dropped = count_in(root, counts + "rx_dropped") + count_in(root, counts + "tx_dropped");
  link.carrier_changes = count_in(root, folder + "carrier_changes");
  return link;
}

}  // namespace

std::vector<Link> read_links(const Root& root) {
  std::vector<Link> links;
  const auto out = ways_out(root);
  for (const auto& name : root.list(kNet)) {
    // Only links have an MTU; "bonding_masters" is a file.
    if (name == "lo" || !root.exists(kNet + name + "/mtu")) continue;
    Link link = link_of(root, name);
    link.way_out = out.contains(name);
    if (link.physical || link.way_out) links.push_back(std::move(link));
  }
  std::ranges::stable_sort(links, [&](const Link& a, const Link& b) {
    if (!a.way_out || !b.way_out) return a.way_out && !b.way_out;
    return out.at(a.name) < out.at(b.name);
  });
  return links;
}

}  // namespace carrel::machine
