#include "orchestrator/cli/images/engine.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "orchestrator/cli/format.hpp"
#include "orchestrator/config/small_file.hpp"
#include "orchestrator/lib/curl/blocking.hpp"

namespace carrel::cli::images {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kShortPatience{10};
constexpr std::size_t kLargestArchive = 64 << 20;
constexpr char kLatest[] = "latest";

Error refused(const std::string& what, int status, const json& body) {
  const std::string said = text_in(body, "message");
  return make_error(ErrorKind::unavailable,
                    "the engine did not " + what + ": " + (said == kNothing ? std::to_string(status) : said));
}

/// {"label":["carrel.packaged=yes"]}
std::string only_packaged() {
  return std::string("%7B%22label%22%3A%5B%22carrel.packaged%3Dyes%22%5D%7D");
}

}  // namespace

Result<Engine::Reply> Engine::ask(const std::string& method, const std::string& path, std::string body,
                                  std::chrono::seconds patience) const {
  curl::BlockingRequest request;
  request.method = method;
  request.url = "http://engine" + path;
  request.unix_socket = socket_;
  request.timeout = patience;
  if (!body.empty()) request.headers.emplace_back("Content-Type: application/x-tar");
  request.body = std::move(body);
  const auto answer = curl::perform_blocking(request);
  if (answer.has_error()) {
    return make_error(ErrorKind::unavailable, socket_ + ": " + answer.error().message +
                                                  "; carrelctl doctor says what is wrong with the engine");
  }
  return Reply{answer->status, json::parse(answer->body, nullptr, false)};
}

std::string Engine::id_of(const std::string& name) const {
  // A name may hold slashes and colons, which are no part of a path here, but the engine takes them as they
  // are.
  const auto answer = ask("GET", "/images/" + name + "/json", {}, kShortPatience);
  if (answer.has_error() || answer->status != 200) return {};
  const std::string id = text_in(answer->body, "Id");
  return id == kNothing ? std::string() : id;
}

Result<bool> Engine::provide(const Archive& archive) const {
  const auto there = ask("GET", "/images/" + archive.image() + "/json");
  if (there.has_error()) return there.error();
  const bool missing = there->status != 200;
  if (missing) {
    auto content = config::read_small_file(archive.file, kLargestArchive);
    if (content.has_error()) return content.error();
    const auto loaded = ask("POST", "/images/load?quiet=1", std::move(*content));
    if (loaded.has_error()) return loaded.error();
    // An archive that makes no sense is told of inside a good answer.
    const auto now = ask("GET", "/images/" + archive.image() + "/json");
    if (now.has_error()) return now.error();
    if (now->status != 200) return refused("load " + archive.file.string(), loaded->status, loaded->body);
  }
  const auto tagged =
      ask("POST", "/images/" + archive.image() + "/tag?repo=" + archive.repository + "&tag=" + kLatest);
  if (tagged.has_error()) return tagged.error();
  if (tagged->status != 201) return refused("tag " + archive.image(), tagged->status, tagged->body);
  return missing;
}

std::vector<std::string> other_tags(const json& list, const std::string& repository,
                                    const std::string& keep) {
  std::vector<std::string> tags;
  for (const json& image : list.is_array() ? list : json::array()) {
    const json& names = member(image, "RepoTags");
    std::vector<std::string> of_image;
    for (const json& name : names.is_array() ? names : json::array()) {
      if (name.is_string() && name.get<std::string>().starts_with(repository + ":")) of_image.push_back(name);
    }
    const std::string kept = repository + ":" + keep;
    const bool current = std::ranges::find(of_image, kept) != of_image.end();
    for (const std::string& tag : of_image) {
      const bool stays = current && (tag == kept || tag == repository + ":" + kLatest);
      if (!stays) tags.push_back(tag);
    }
  }
  return tags;
}

Result<int> Engine::remove_others(const std::string& repository, const std::string& keep) const {
  const auto list = ask("GET", "/images/json?filters=" + only_packaged());
  if (list.has_error()) return list.error();
  if (list->status != 200) return refused("list its images", list->status, list->body);
  int removed = 0;
  for (const auto& tag : other_tags(list->body, repository, keep)) {
    const auto gone = ask("DELETE", "/images/" + tag);
    if (gone.has_error()) return gone.error();
    if (gone->status == 200) ++removed;
  }
  return removed;
}

}  // namespace carrel::cli::images
