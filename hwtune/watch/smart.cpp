#include "hwtune/watch/smart.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "hwtune/measure/program.hpp"

namespace carrel::hwtune {
namespace {

using nlohmann::json;

struct Attribute {
  int id;
  std::string_view name;
};

/// Attributes whose value counts down from 100 as an SSD wears, named as in smartctl's database of drives.
/// An id alone tells nothing: each maker gives it a meaning of its own.
constexpr std::array<Attribute, 8> kWear{{{173, "Wear_Leveling_Count"},
                                          {177, "Wear_Leveling_Count"},
                                          {202, "Percent_Lifetime_Remain"},
                                          {202, "Percent_Lifetime_Used"},
                                          {202, "Perc_Rated_Life_Used"},
                                          {231, "SSD_Life_Left"},
                                          {233, "Media_Wearout_Indicator"},
                                          {233, "Remaining_Lifetime_Perc"}}};
constexpr std::array<int, 2> kBadSectorIds{5, 197};
constexpr int kPatience = 10;  // seconds

const json* at(const json& from, const char* pointer) {
  const json::json_pointer path(pointer);
  return from.contains(path) ? &from.at(path) : nullptr;
}

std::optional<std::int64_t> number(const json& from, const char* pointer) {
  const json* found = at(from, pointer);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<std::int64_t>();
}

void add_attribute(DiskHealth& health, const json& attribute) {
  const auto id = number(attribute, "/id");
  const auto value = number(attribute, "/value");
  const auto raw = number(attribute, "/raw/value");
  if (!id) return;
  const json* name = at(attribute, "/name");
  const bool wear = std::ranges::any_of(kWear, [&](const Attribute& known) {
    return known.id == *id && name != nullptr && *name == known.name;
  });
  if (wear && value && *value <= 100) {
    health.worn = std::max(health.worn.value_or(0), static_cast<double>(100 - *value) / 100);
  }
  if (std::ranges::find(kBadSectorIds, *id) != kBadSectorIds.end() && raw) {
    health.bad_sectors = health.bad_sectors.value_or(0) + *raw;
  }
}

/// The first thing that smartctl says it could not do.
std::string complaint_in(const json& from) {
  const json* messages = at(from, "/smartctl/messages");
  if (messages == nullptr || !messages->is_array() || messages->empty())
    return "it tells nothing of its health";
  const json* text = at(messages->front(), "/string");
  return text != nullptr && text->is_string() ? text->get<std::string>() : "it tells nothing of its health";
}

}  // namespace

DiskHealth parse_smart(const std::string& device, const std::string& text) {
  DiskHealth health;
  health.device = device;
  if (text.empty()) {
    health.why_not = "smartctl said nothing within " + std::to_string(kPatience) + " s";
    return health;
  }
  const json from = json::parse(text, nullptr, false);
  if (!from.is_object()) {
    health.why_not = "smartctl prints no JSON; it must be of version 7 or newer";
    return health;
  }
  if (const json* passed = at(from, "/smart_status/passed"); passed != nullptr && passed->is_boolean()) {
    health.passed = passed->get<bool>();
  }
  health.celsius = number(from, "/temperature/current");
  health.hours = number(from, "/power_on_time/hours");
  if (const auto used = number(from, "/nvme_smart_health_information_log/percentage_used")) {
    health.worn = static_cast<double>(*used) / 100;
  }
  health.bad_sectors = number(from, "/nvme_smart_health_information_log/media_errors");
  if (const json* table = at(from, "/ata_smart_attributes/table"); table != nullptr && table->is_array()) {
    for (const auto& attribute : *table) add_attribute(health, attribute);
  }
  const bool known = health.passed || health.celsius || health.hours || health.worn || health.bad_sectors;
  if (known) return health;
  health.why_not = complaint_in(from);
  // The exit status is that of a disk which could not be opened.
  health.asleep = health.why_not.starts_with("Device is in ");
  if (health.asleep) health.why_not = "it sleeps, and is not woken to be asked";
  return health;
}

Result<std::string> run_smartctl(const std::string& device) {
  // Its exit status is a set of bits about the disk; what counts is in the output.
  return run_program(
      {"smartctl", "--json", "--nocheck=standby", "--health", "--attributes", "/dev/" + device}, kPatience);
}

}  // namespace carrel::hwtune
