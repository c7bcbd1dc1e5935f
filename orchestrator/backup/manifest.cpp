#include "orchestrator/backup/manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "orchestrator/lib/sodium/sha256.hpp"

namespace carrel::backup {

using nlohmann::json;

namespace {

constexpr int kForm = 1;
constexpr std::size_t kMostParts = 1024;
constexpr std::size_t kLongestName = 99;
constexpr std::size_t kLongestOrigin = 4095;
constexpr std::size_t kDigestLetters = 64;

Error wrong(const std::string& what) {
  return make_error(ErrorKind::invalid, "the backup's manifest makes no sense: " + what);
}

bool is_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  return !name.empty() && name.size() <= kLongestName && !name.starts_with('/') && !name.ends_with('/') &&
         name.find("..") == std::string_view::npos && name.find("//") == std::string_view::npos &&
         name.find_first_not_of(allowed) == std::string_view::npos && name != kManifestName;
}

bool is_origin(std::string_view origin) {
  if (origin.empty()) return true;
  return origin.starts_with('/') && origin.size() <= kLongestOrigin &&
         origin.find("/../") == std::string_view::npos && !origin.ends_with("/..") &&
         origin.find('\0') == std::string_view::npos;
}

bool is_digest(std::string_view digest) {
  return digest.size() == kDigestLetters &&
         digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

/// What a host or a path is called need not be UTF-8.
std::string written(const json& whole) {
  return whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string sum_of(const json& whole) {
  sodium::Sha256 sum;
  sum.update(written(whole));
  return sum.digest();
}

Result<void> take_parts(const json& list, Manifest& manifest) {
  if (!list.is_array()) return wrong("no list of parts");
  if (list.size() > kMostParts) {
    return wrong(std::to_string(list.size()) + " parts, and " + std::to_string(kMostParts) + " is the most");
  }
  for (const json& item : list) {
    if (!item.is_object()) return wrong("a part is no object");
    Part part{text(item, "name"),
              text(item, "origin"),
              number(item, "size"),
              text(item, "sha256"),
              static_cast<std::uint32_t>(number(item, "mode") & 0777),
              text(item, "user"),
              text(item, "group")};
    if (!is_name(part.name)) return wrong("a part has a name that leads elsewhere");
    if (!is_origin(part.origin)) return wrong("a part is from a path that leads elsewhere");
    if (!is_digest(part.sha256)) return wrong("a part has no checksum");
    if (std::ranges::any_of(manifest.parts, [&](const Part& one) { return one.name == part.name; })) {
      return wrong("two parts have one name");
    }
    manifest.parts.push_back(std::move(part));
  }
  return {};
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json parts = json::array();
  for (const Part& part : manifest.parts) {
    parts.push_back({{"name", part.name},
                     {"origin", part.origin},
                     {"size", part.size},
                     {"sha256", part.sha256},
                     {"mode", part.mode},
                     {"user", part.user},
                     {"group", part.group}});
  }
  json images = json::array();
  for (const Image& image : manifest.images) images.push_back({{"name", image.name}, {"id", image.id}});
  json whole{{"form", kForm},
             {"made_at", static_cast<std::uint64_t>(manifest.made_at)},
             {"version", manifest.version},
             {"host", manifest.host},
             {"parts", std::move(parts)},
             {"images", std::move(images)}};
  whole["sha256"] = sum_of(json::parse(written(whole)));
  return written(whole);
}

Result<Manifest> parse_manifest(const std::string& content) {
  json whole = json::parse(content, nullptr, false);
  if (!whole.is_object()) return wrong("it is no JSON");
  const std::uint64_t form = number(whole, "form");
  if (form == 0) return wrong("it has no form");
  if (form > kForm) {
    return make_error(ErrorKind::conflict, "the backup was made by a newer Carrel; restore it with that one");
  }
  // An earlier Carrel's has no sum.
  const std::string sum = text(whole, "sha256");
  whole.erase("sha256");
  if (!sum.empty() && sum != sum_of(whole)) return wrong("it is not what it was");
  Manifest manifest;
  manifest.made_at = static_cast<std::int64_t>(number(whole, "made_at") & 0x7FFF'FFFF'FFFF'FFFF);
  manifest.version = text(whole, "version");
  manifest.host = text(whole, "host");
  const auto parts = whole.find("parts");
  auto taken = take_parts(parts == whole.end() ? json() : *parts, manifest);
  if (taken.has_error()) return taken.error();
  const auto images = whole.find("images");
  if (images != whole.end() && images->is_array() && images->size() <= kMostParts) {
    for (const json& item : *images) {
      if (item.is_object()) manifest.images.push_back({text(item, "name"), text(item, "id")});
    }
  }
  return manifest;
}

}  // namespace carrel::backup
