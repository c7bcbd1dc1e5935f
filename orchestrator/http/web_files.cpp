#include "orchestrator/http/web_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "orchestrator/http/problem.hpp"

namespace carrel::http {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMaxFileBytes = 16U << 20;

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
}};

struct Encoding {
  std::string_view name;
  std::string_view suffix;
};
constexpr std::array<Encoding, 2> kEncodings{{{"br", ".br"}, {"gzip", ".gz"}}};

constexpr char kPage[] = "/index.html";

/// The page with its own links below `base_path`, and with a word for its script of where it is.
std::string moved(const std::string& page, std::string_view base_path) {
  std::string result;
  std::string_view rest = page;
  for (;;) {
    const auto link = std::min(rest.find(R"(src="/)"), rest.find(R"(href="/)"));
    if (link == std::string_view::npos) break;
    const auto slash = rest.find('/', link);
    result.append(rest.substr(0, slash)).append(base_path) += '/';
    rest.remove_prefix(slash + 1);
  }
  result += rest;
  const std::string word = "<meta name=\"carrel-base\" content=\"" + std::string(base_path) + "\" />";
  const auto head = result.find("<head>");
  if (head != std::string::npos) result.insert(head + 6, word);
  return result;
}

std::string_view type_of(std::string_view path) {
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

/// Whether Accept-Encoding (RFC 9110 section 12.5.3) names the coding, and not with a weight of nought.
bool accepts(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    const auto end = header.find(',');
    auto element = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    element.remove_prefix(std::min(element.find_first_not_of(" \t"), element.size()));
    const auto name = element.substr(0, element.find_first_of("; \t"));
    if (name != coding) continue;
    const auto weight = element.find("q=0");
    return weight == std::string_view::npos ||
           element.find_first_of("123456789", weight) != std::string_view::npos;
  }
  return false;
}

}  // namespace

Result<WebFiles> WebFiles::load(const fs::path& directory, std::string_view base_path) {
  WebFiles result;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error) || entry->file_size(error) > kMaxFileBytes) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    result.files_.emplace("/" + entry->path().lexically_relative(directory).generic_string(),
                          std::make_shared<const std::string>(std::move(bytes)));
  }
  if (!result.files_.contains(kPage)) {
    return make_error(ErrorKind::not_found,
                      "there is no web page in " + directory.string() +
                          "; build it with scripts/up or set http.web_dir to where it is");
  }
  if (!base_path.empty()) {
    // The compressed ones would have to be made anew; it is a kilobyte.
    for (const auto& encoding : kEncodings) result.files_.erase(kPage + std::string(encoding.suffix));
    auto& page = result.files_.at(kPage);
    page = std::make_shared<const std::string>(moved(*page, base_path));
  }
  return result;
}

Response WebFiles::get(std::string_view path, std::string_view accept_encoding) const {
  const auto plain = files_.find(path);
  if (plain == files_.end()) return problem(404, "not-found", "There is no such page", "Start at /.");
  Response response;
  response.content_type = type_of(path);
  response.body = plain->second;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  // The names below assets/ contain a hash of the content.
  const bool immutable = path.starts_with("/assets/");
  response.headers.emplace_back("Cache-Control",
                                immutable ? "public, max-age=31536000, immutable" : "no-cache");
  for (const auto& [name, suffix] : kEncodings) {
    const auto packed = files_.find(std::string(path) + std::string(suffix));
    if (packed == files_.end() || !accepts(accept_encoding, name)) continue;
    response.body = packed->second;
    response.headers.emplace_back("Content-Encoding", name);
    break;
  }
  return response;
}

}  // namespace carrel::http
