#include <algorithm>
#include <array>
#include <cstdio>

#include "hwtune/optional_json.hpp"
#include "hwtune/watch/health.hpp"
#include "terminal/table.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;
using terminal::Cell;
using terminal::Tone;

constexpr double kStalled = 5;
constexpr double kWorn = 0.8;

std::string number(const char* form, double value) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), form, value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string bytes(std::uint64_t count) {
  return terminal::bytes_text(static_cast<double>(count));
}

class Lines {
 public:
  void add(const std::string& what, const std::string& now, const std::string& more, Tone tone,
           const std::string& word) {
    table_.rows.push_back({{what}, {now}, {more}, {word, tone}});
  }
  void good(const std::string& what, const std::string& now, const std::string& more = {}) {
    add(what, now, more, Tone::good, "well");
  }
  [[nodiscard]] std::string text(const terminal::Style& style) const {
    return terminal::rendered(table_, style);
  }

 private:
  terminal::Table table_{{{"WHAT"}, {"NOW"}, {"BOUND"}, {"STATE"}}, {}};
};

void add_heat(Lines& lines, const Health& health) {
  const auto& strain = health.strain;
  if (!strain.celsius) {
    for (const auto& sensor : health.sensors) {
      lines.add("temperature (" + sensor.name + ")", number("%.0f °C", sensor.celsius), "", Tone::faint,
                "unknown: it tells no bound");
    }
    if (health.sensors.empty())
      lines.add("temperature", terminal::kNothing, "", Tone::faint, "no sensor to be seen");
    return;
  }
  const std::string bound = number("warm %.0f °C", *strain.warm) + number(", hot %.0f °C", *strain.hot);
  const std::string now = number("%.0f °C", *strain.celsius);
  const std::string what = "temperature (" + strain.sensor + ")";
  if (*strain.celsius >= *strain.hot) return lines.add(what, now, bound, Tone::bad, "hot: no new sandbox");
  if (*strain.celsius >= *strain.warm)
    return lines.add(what, now, bound, Tone::busy, "warm: fewer conversions");
  lines.good(what, now, bound);
}

void add_throttling(Lines& lines, const Health& health, const Health* before) {
  if (!health.strain.throttled) {
    lines.add("slowed down for heat", terminal::kNothing, "", Tone::faint,
              "unknown: the kernel does not count");
    return;
  }
  const std::uint64_t now = *health.strain.throttled;
  const std::uint64_t then = before == nullptr ? now : before->strain.throttled.value_or(now);
  const std::uint64_t more = now - std::min(now, then);
  const std::string text = std::to_string(now) + " times since the start";
  if (more > 0)
    return lines.add("slowed down for heat", text, "", Tone::bad, std::to_string(more) + " just now");
  lines.good("slowed down for heat", text);
}

void add_memory(Lines& lines, const Health& health) {
  const auto& strain = health.strain;
  if (strain.memory_available) {
    const std::uint64_t left = *strain.memory_available;
    const auto bounds = machine::memory_bounds_of(health.memory_reserve);
    const std::string text = bytes(left) + " of " + bytes(strain.memory_total);
    const std::string bound = "scarce " + bytes(bounds.scarce) + ", least " + bytes(bounds.least);
    if (left < bounds.least) {
      lines.add("memory to be had", text, bound, Tone::bad, "short: no new sandbox");
    } else if (left < bounds.scarce) {
      lines.add("memory to be had", text, bound, Tone::busy, "scarce: fewer conversions");
    } else {
      lines.good("memory to be had", text, bound);
    }
  }
  if (!strain.all_stalled) {
    lines.add("waiting for memory", terminal::kNothing, "", Tone::faint, "the kernel does not tell (PSI)");
  } else if (*strain.all_stalled >= kStalled) {
    lines.add("waiting for memory", number("%.1f%% of the time", *strain.all_stalled), "5%", Tone::bad,
              "short");
  } else {
    lines.good("waiting for memory", number("%.1f%% of the time", *strain.all_stalled), "5%");
  }
}

void add_links(Lines& lines, const Health& health, const Health* before) {
  for (const auto& link : health.links) {
    const std::string text =
        std::to_string(link.errors) + " errors, " + std::to_string(link.dropped) + " dropped";
    const std::string what = "link " + link.name;
    std::uint64_t more = 0;
    if (before != nullptr) {
      const auto then = std::ranges::find(before->links, link.name, &machine::Link::name);
      if (then != before->links.end()) more = link.errors - std::min(link.errors, then->errors);
    }
    if (more > 0) {
      lines.add(what, text, "", Tone::bad, std::to_string(more) + " more errors");
    } else if (link.errors > 0) {
      lines.add(what, text, "", Tone::busy, "look at the cable");
    } else {
      lines.good(what, text);
    }
  }
}

void add_disk(Lines& lines, const DiskHealth& disk) {
  const std::string what = disk.device.empty() ? "disk of " + disk.path : "disk " + disk.device;
  if (!disk.why_not.empty()) return lines.add(what, terminal::kNothing, "", Tone::faint, disk.why_not);
  std::string text;
  const auto say = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (disk.worn) say(number("%.0f%% worn", *disk.worn * 100));
  if (disk.bad_sectors) say(std::to_string(*disk.bad_sectors) + " bad sectors");
  if (disk.celsius) say(std::to_string(*disk.celsius) + " °C");
  if (disk.hours) say(terminal::duration_text(*disk.hours * 3600));
  if (disk.asleep) say("asleep, as last known");
  const std::string bound = disk.worn ? "80% worn" : "";
  if (disk.passed == false) return lines.add(what, text, bound, Tone::bad, "fails its own test: replace it");
  if (disk.worn.value_or(0) >= kWorn) return lines.add(what, text, bound, Tone::busy, "replace it soon");
  if (disk.bad_sectors.value_or(0) > 0) return lines.add(what, text, bound, Tone::busy, "watch it");
  lines.good(what, text, bound);
}

}  // namespace

std::string view_of(const Health& health, const Health* before, const terminal::Style& style) {
  Lines lines;
  add_heat(lines, health);
  add_throttling(lines, health, before);
  add_memory(lines, health);
  add_links(lines, health, before);
  for (const auto& disk : health.disks) add_disk(lines, disk);
  return lines.text(style);
}

json json_of(const Health& health) {
  const auto& strain = health.strain;
  json made{
      {"at", health.at}, {"sensors", json::array()}, {"links", json::array()}, {"disks", json::array()}};
  put(made, "throttled", strain.throttled);
  if (strain.celsius) made["sensor"] = strain.sensor;
  put(made, "celsius", strain.celsius);
  put(made, "warm", strain.warm);
  put(made, "hot", strain.hot);
  made["memory_total"] = strain.memory_total;
  put(made, "memory_available", strain.memory_available);
  const auto bounds = machine::memory_bounds_of(health.memory_reserve);
  made["memory_scarce"] = bounds.scarce;
  made["memory_least"] = bounds.least;
  put(made, "memory_some_stalled_percent", strain.some_stalled);
  put(made, "memory_all_stalled_percent", strain.all_stalled);
  for (const auto& sensor : health.sensors) {
    made["sensors"].push_back({{"name", sensor.name}, {"celsius", sensor.celsius}});
  }
  for (const auto& link : health.links) {
    made["links"].push_back({{"name", link.name}, {"errors", link.errors}, {"dropped", link.dropped}});
  }
  for (const auto& disk : health.disks) {
    json each{{"device", disk.device}};
    put(each, "passed", disk.passed);
    put(each, "worn", disk.worn);
    put(each, "bad_sectors", disk.bad_sectors);
    put(each, "celsius", disk.celsius);
    put(each, "hours", disk.hours);
    if (!disk.path.empty()) each["path"] = disk.path;
    if (disk.asleep) each["asleep"] = true;
    if (!disk.why_not.empty()) each["why_not"] = disk.why_not;
    made["disks"].push_back(each);
  }
  return made;
}

}  // namespace carrel::hwtune
