#include "orchestrator/library/sidecars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>

#include "orchestrator/library/language_names.hpp"
#include "orchestrator/library/title.hpp"

namespace carrel::library {
namespace {

constexpr std::array<std::string_view, 7> kExtensions{"srt", "ass", "ssa", "vtt", "sup", "idx", "sub"};
constexpr std::array<std::string_view, 4> kFolders{"subs", "sub", "subtitles", "subtitle"};
constexpr std::string_view kMarks = ". _-[]()";
constexpr std::size_t kMostTitle = 200;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

struct Path {
  std::string_view folder, name, stem;  ///< the name without its extension
};

Path split(std::string_view path) {
  Path parts;
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) parts.folder = path.substr(0, slash);
  parts.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  parts.stem = parts.name.substr(0, parts.name.rfind('.'));
  return parts;
}

bool is_subtitle_folder(std::string_view name) {
  return std::ranges::find(kFolders, lower(name)) != kFolders.end();
}

/// Films of one folder by their stem in lower case; several where only the extension differs.
using ByStem = std::map<std::string, std::vector<std::size_t>, std::less<>>;
using ByFolder = std::map<std::string, ByStem, std::less<>>;

/// The films whose stem `stem` begins with, the longest.
const std::vector<std::size_t>* owners(const ByStem& films, std::string_view stem) {
  const std::string low = lower(stem);
  std::string_view tried = low;
  while (!tried.empty()) {
    const auto found = films.find(tried);
    if (found != films.end()) return &found->second;
    const auto mark = tried.find_last_of(kMarks);
    if (mark == std::string_view::npos) return nullptr;
    tried = tried.substr(0, mark);
  }
  return nullptr;
}

const std::vector<std::size_t>* owners_beside(const ByFolder& folders, const Path& sidecar) {
  const auto own = folders.find(sidecar.folder);
  if (own != folders.end()) return owners(own->second, sidecar.stem);
  const Path folder = split(sidecar.folder);
  if (is_subtitle_folder(folder.name)) {
    const auto beside = folders.find(folder.folder);
    if (beside == folders.end()) return nullptr;
    const auto* named = owners(beside->second, sidecar.stem);
    return named == nullptr && beside->second.size() == 1 ? &beside->second.begin()->second : named;
  }
  // "Subs/film/2_English.srt"
  const Path above = split(folder.folder);
  if (!is_subtitle_folder(above.name)) return nullptr;
  const auto beside = folders.find(above.folder);
  return beside == folders.end() ? nullptr : owners(beside->second, folder.name);
}

struct Token {
  std::string text;  ///< as it is
  char mark = '.';   ///< before it
};

std::vector<Token> tokens_of(std::string_view label) {
  std::vector<Token> tokens;
  char mark = '.';
  while (!label.empty()) {
    const auto end = label.find_first_of(kMarks);
    if (end != 0) tokens.push_back({std::string(label.substr(0, end)), mark});
    if (end == std::string_view::npos) break;
    mark = label[end];
    label.remove_prefix(end + 1);
  }
  return tokens;
}

/// "BR", "419" or "Hans" behind a language, joined to it by a dash.
bool is_subtag(const Token& token) {
  if (token.mark != '-' && token.mark != '_') return false;
  const auto all = [&](auto is) { return std::ranges::all_of(token.text, is); };
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (token.text.size() == 3) return all(digit);
  if (token.text.size() == 2) return all([](char c) { return c >= 'A' && c <= 'Z'; });
  return token.text.size() == 4 && all(letter);
}

/// A number and the blank behind it.
template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const char* end = line.data() + line.size();
  const auto [after, error] = std::from_chars(line.data(), end, number);
  if (error != std::errc() || after == end || *after != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(after - line.data()) + 1);
  return true;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

bool is_sidecar_extension(std::string_view extension) {
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

protocol::Sidecar describe_sidecar(std::string_view label, std::string_view extension) {
  protocol::Sidecar sidecar;
  sidecar.extension = extension;
  bool hi = false;
  std::string title;
  const auto tokens = tokens_of(label);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string word = lower(tokens[i].text);
    if (is_one_of(word, {"forced", "foreign"})) {
      sidecar.forced = true;
    } else if (is_one_of(word, {"sdh", "cc", "hoh"})) {
      sidecar.hearing_impaired = true;
    } else if (word == "hi") {
      hi = true;  // for the hearing impaired, or Hindi
    } else if (is_one_of(word, {"default", "full", "sub", "subs", "subtitles"})) {
      continue;
    } else if (const auto language = language_named(word); sidecar.language.empty() && !language.empty()) {
      sidecar.language = language;
      while (i + 1 < tokens.size() && is_subtag(tokens[i + 1]) &&
             !is_one_of(lower(tokens[i + 1].text), {"hi", "cc"}))
        sidecar.language += "-" + tokens[++i].text;
    } else {
      title += (title.empty() ? "" : " ") + tokens[i].text;
    }
  }
  if (hi && sidecar.language.empty()) {
    sidecar.language = "hi";
  } else if (hi) {
    sidecar.hearing_impaired = true;
  }
  // A number puts files in order and says nothing.
  const bool number = std::ranges::all_of(title, [](char c) { return c >= '0' && c <= '9'; });
  if (!title.empty() && !number && title.size() <= kMostTitle) sidecar.title = title_from(title);
  return sidecar;
}

std::vector<std::vector<FoundSidecar>> match_sidecars(const std::vector<std::string>& films,
                                                      std::vector<FoundSidecar> sidecars) {
  std::vector<std::vector<FoundSidecar>> matched(films.size());
  ByFolder folders;
  for (std::size_t i = 0; i < films.size(); ++i) {
    const Path film = split(films[i]);
    folders[std::string(film.folder)][lower(film.stem)].push_back(i);
  }
  std::ranges::sort(sidecars, {}, &FoundSidecar::path);
  for (const FoundSidecar& sidecar : sidecars) {
    const auto* owned_by = owners_beside(folders, split(sidecar.path));
    if (owned_by == nullptr) continue;
    for (const std::size_t film : *owned_by)
      if (matched[film].size() < protocol::kMaxSidecars) matched[film].push_back(sidecar);
  }
  return matched;
}

std::string sidecars_to_text(const std::vector<FoundSidecar>& sidecars) {
  std::string text;
  for (const FoundSidecar& sidecar : sidecars)
    text += std::to_string(sidecar.key.size) + " " + std::to_string(sidecar.key.mtime_ns) + " " +
            sidecar.path + "\n";
  return text;
}

std::vector<FoundSidecar> sidecars_from_text(std::string_view text) {
  std::vector<FoundSidecar> sidecars;
  while (!text.empty() && sidecars.size() < protocol::kMaxSidecars) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    FoundSidecar sidecar;
    const bool numbers = take_number(line, sidecar.key.size) && take_number(line, sidecar.key.mtime_ns);
    sidecar.path = line;
    if (numbers && !sidecar.path.empty()) sidecars.push_back(std::move(sidecar));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sidecars;
}

protocol::Sidecar sidecar_of(std::string_view film, std::string_view sidecar) {
  const Path owner = split(film);
  const Path file = split(sidecar);
  const bool named = lower(file.stem).starts_with(lower(owner.stem));
  const std::string_view label = named ? file.stem.substr(owner.stem.size()) : file.stem;
  return describe_sidecar(label, extension_of(file.name));
}

}  // namespace carrel::library
