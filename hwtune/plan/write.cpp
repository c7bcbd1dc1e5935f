#include "hwtune/plan/write.hpp"

#include <array>
#include <cstdio>
#include <sstream>

#include "base/unix_time.hpp"
#include "terminal/table.hpp"
#include "terminal/units.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;
using terminal::Cell;
using terminal::Tone;

constexpr std::uint64_t kMiB = 1ULL << 20;

std::string short_number(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%g", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string mbit_text(double mbit) {
  return short_number(mbit) + " Mbit/s";
}

/// A basic string of TOML; the model of a processor is somebody else's text.
std::string quoted(const std::string& text) {
  std::string safe = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') safe += '\\';
    safe += code < 0x20 || code == 0x7F ? ' ' : c;
  }
  return safe + "\"";
}

std::string mebibytes(std::uint64_t bytes) {
  return "\"" + std::to_string(bytes / kMiB) + "m\"";
}

/// A point even in a whole number: TOML tells 1 from 1.0.
std::string fraction(double value) {
  const std::string text = short_number(value);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

json json_of(const Capacity& capacity) {
  json made{{"mbit", capacity.mbit},
            {"streams", capacity.streams},
            {"limited_by", capacity.limited_by},
            {"resources", json::array()}};
  for (const auto& resource : capacity.resources) {
    json each{{"name", resource.name},
              {"budget", resource.budget},
              {"one_stream", resource.one},
              {"measured", resource.measured}};
    if (resource.streams) each["streams"] = *resource.streams;
    made["resources"].push_back(each);
  }
  return made;
}

json json_of(const Settings& s) {
  return {{"sandbox.memory", s.sandbox_memory},
          {"sandbox.cpus", s.sandbox_cpus},
          {"sandbox.max_total", s.max_total},
          {"limits.viewer_memory", s.viewer_memory},
          {"limits.admin_memory", s.viewer_memory},
          {"converter.memory", s.converter_memory},
          {"converter.cpus", s.converter_cpus},
          {"jobs.workers", s.workers},
          {"pool.size", s.pool},
          {"admission.viewers", s.viewers},
          {"admission.cpus", s.admission_cpus},
          {"admission.memory", s.admission_memory},
          {"admission.memory_reserve", s.memory_reserve},
          {"admission.bandwidth", s.bandwidth},
          {"data.database_cache", s.database_cache},
          {"read_ahead_kib", s.read_ahead_kib}};
}

std::string capacities(const Plan& plan, const terminal::Style& style) {
  terminal::Table table{{{"STREAMS OF", true}, {"AT ONCE", true}, {"BOUNDED BY"}}, {}};
  const auto add = [&](const Capacity& capacity, Tone tone) {
    table.rows.push_back({{mbit_text(capacity.mbit), tone},
                          {std::to_string(capacity.streams), tone},
                          {capacity.limited_by, tone}});
  };
  bool added = false;
  for (const auto& other : plan.others) {
    if (!added && other.mbit > plan.wished.mbit) add(plan.wished, Tone::strong), added = true;
    add(other, Tone::plain);
  }
  if (!added) add(plan.wished, Tone::strong);
  return terminal::rendered(table, style);
}

std::string resources(const Plan& plan, const terminal::Style& style) {
  terminal::Table table{{{"RESOURCE"}, {"FOR FILMS"}, {"ONE STREAM", true}, {"STREAMS", true}, {"FROM"}}, {}};
  for (const auto& resource : plan.wished.resources) {
    const bool bound = resource.name == plan.limited_by;
    table.rows.push_back(
        {{resource.name, bound ? Tone::busy : Tone::plain},
         {resource.budget},
         {resource.one},
         {resource.streams ? std::to_string(*resource.streams) : terminal::kNothing},
         {resource.measured ? "this machine" : "a guess", resource.measured ? Tone::plain : Tone::faint}});
  }
  return terminal::rendered(table, style);
}

std::string conversions(const Plan& plan) {
  std::string text = std::to_string(plan.conversions) +
                     (plan.conversions == 1 ? " conversion" : " conversions") +
                     " at once, of the lowest weight";
  for (const auto& rung : plan.rungs) {
    std::array<char, 64> speed{};
    const int length = std::snprintf(speed.data(), speed.size(), ", %s at %.1f times its duration",
                                     rung.rung.c_str(), rung.times_real);
    text += std::string(speed.data(), static_cast<std::size_t>(length));
  }
  return text + "\n";
}

}  // namespace

std::string toml_of(const Plan& plan) {
  const Settings& s = plan.settings;
  std::ostringstream toml;
  toml << "# Made by carrel-hwtune plan; name it in carreld's configuration as admission.plan. What that "
          "file and the\n"
       << "# environment set themselves goes before what stands here.\n"
       << "[plan]\nversion = 1\nmachine = " << quoted(plan.machine) << "\nmade = \"" << rfc3339(plan.made)
       << "\"\nprocessors = " << plan.processors << "\nmemory = " << mebibytes(plan.memory)
       << "\nmeasured = " << (plan.measured ? "true" : "false") << "\nsessions = " << plan.sessions
       << "\nlimited_by = " << quoted(plan.limited_by) << "\nmbit = " << fraction(plan.wished.mbit)
       << "\nconversions = " << plan.conversions << "\nread_ahead_kib = " << s.read_ahead_kib << "\n\n"
       << "[sandbox]\nmemory = " << mebibytes(s.sandbox_memory) << "\ncpus = " << fraction(s.sandbox_cpus)
       << "\nmax_total = " << s.max_total << "\n\n[limits]\nviewer_memory = " << mebibytes(s.viewer_memory)
       << "\nadmin_memory = " << mebibytes(s.viewer_memory)
       << "\n\n[converter]\nmemory = " << mebibytes(s.converter_memory)
       << "\ncpus = " << fraction(s.converter_cpus) << "\n\n[jobs]\nworkers = " << s.workers
       << "\n\n[pool]\nsize = " << s.pool << "\n\n[admission]\nviewers = " << s.viewers
       << "\ncpus = " << fraction(s.admission_cpus) << "\nmemory = " << mebibytes(s.admission_memory)
       << "\nmemory_reserve = " << mebibytes(s.memory_reserve) << "\nbandwidth = \"" << s.bandwidth
       << "\"\n\n[data]\ndatabase_cache = " << mebibytes(s.database_cache) << "\n";
  return toml.str();
}

json json_of(const Plan& plan) {
  json made{{"machine", plan.machine},
            {"made", rfc3339(plan.made)},
            {"measured", plan.measured},
            {"sessions", plan.sessions},
            {"limited_by", plan.limited_by},
            {"conversions", plan.conversions},
            {"capacity", json::array({json_of(plan.wished)})},
            {"rungs", json::array()},
            {"settings", json_of(plan.settings)},
            {"warnings", plan.warnings}};
  for (const auto& rung : plan.rungs) {
    made["rungs"].push_back({{"rung", rung.rung}, {"times_real", rung.times_real}});
  }
  for (const auto& other : plan.others) made["capacity"].push_back(json_of(other));
  return made;
}

std::string view_of(const Plan& plan, const terminal::Style& style) {
  const Settings& s = plan.settings;
  std::string text =
      terminal::painted(std::to_string(plan.sessions) + " viewers at once", Tone::strong, style) + " at " +
      mbit_text(plan.wished.mbit) + "; " + plan.limited_by + " bounds it\n" + conversions(plan);
  for (const auto& warning : plan.warnings)
    text += terminal::painted("! " + warning, Tone::busy, style) + "\n";
  text += "\n" + capacities(plan, style) + "\n" + resources(plan, style) + "\n";
  const auto bytes = [](std::uint64_t count) { return terminal::bytes_text(static_cast<double>(count)); };
  text += terminal::rendered_fields(
      {{"a viewer's sandbox", {bytes(s.viewer_memory) + ", " + short_number(s.sandbox_cpus) + " CPUs"}},
       {"an indexer's", {bytes(s.sandbox_memory) + ", " + short_number(s.sandbox_cpus) + " CPUs"}},
       {"a converter", {bytes(s.converter_memory) + ", " + short_number(s.converter_cpus) + " CPUs"}},
       {"all sandboxes", {bytes(s.admission_memory) + ", at most " + std::to_string(s.max_total)}},
       {"waiting in the pool", {std::to_string(s.pool)}},
       {"all answers", {s.bandwidth > 0 ? bytes(s.bandwidth) + " a second, shared fairly" : "no bound"}},
       {"kept for the host", {bytes(s.memory_reserve)}},
       {"database's cache", {bytes(s.database_cache)}},
       {"read-ahead", {std::to_string(s.read_ahead_kib) + " KiB (set by carrel-hwtune apply)"}}},
      style);
  return text;
}

}  // namespace carrel::hwtune
