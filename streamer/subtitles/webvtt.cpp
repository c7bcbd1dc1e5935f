#include "streamer/subtitles/webvtt.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/payload.hpp"
#include "streamer/subtitles/timestamp.hpp"

namespace carrel::streamer::subtitles {
namespace {

constexpr std::size_t kLongestTag = 200;
constexpr std::size_t kLongestReference = 12;
constexpr std::array<std::string_view, 8> kTags{"b", "i", "u", "c", "v", "lang", "ruby", "rt"};

bool is_name_end(char c) {
  return c == '.' || c == ' ' || c == '\t';
}

/// Bytes of a tag at the front that may stay, or goes when `drop` is set; 0: it is text.
std::size_t tag_bytes(std::string_view text, bool& drop) {
  const auto end = text.substr(0, kLongestTag).find('>');
  if (end == std::string_view::npos || text.substr(0, end).find_first_of("<\n", 1) != std::string_view::npos)
    return 0;
  std::string_view name = text.substr(1, end - 1);
  if (name.starts_with('/')) name.remove_prefix(1);
  drop = !name.empty() && name.front() >= '0' && name.front() <= '9';
  const auto name_end = std::find_if(name.begin(), name.end(), is_name_end);
  name = name.substr(0, static_cast<std::size_t>(name_end - name.begin()));
  const bool known = std::find(kTags.begin(), kTags.end(), name) != kTags.end();
  // "--" before the ">" would make an arrow.
  if (text.substr(0, end).ends_with("-")) drop = true;
  const bool closes_any = name.empty() && text[1] == '/';
  return known || closes_any || drop ? end + 1 : 0;
}

std::size_t reference_bytes(std::string_view text) {
  const auto end = text.substr(0, kLongestReference).find(';');
  if (end == std::string_view::npos || end < 2) return 0;
  const std::string_view name = text.substr(1, end - 1);
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '#';
  });
  return plain ? end + 1 : 0;
}

void append_line(std::string& to, std::string_view line) {
  while (!line.empty()) {
    bool drop = false;
    std::size_t taken = 0;
    if (line.front() == '<') taken = tag_bytes(line, drop);
    if (line.front() == '&') taken = reference_bytes(line);
    if (taken > 0) {
      if (!drop) to += line.substr(0, taken);
    } else if (line.front() == '<' || line.front() == '>') {
      to += line.front() == '<' ? "&lt;" : "&gt;";
    } else if (line.front() == '&') {
      to += "&amp;";
    } else if (line.front() != '\0') {
      to += line.front();
    }
    line.remove_prefix(std::max<std::size_t>(taken, 1));
  }
}

}  // namespace

std::string clean_payload(std::string_view payload) {
  std::string clean;
  std::string next;
  for (const std::string_view line : lines_of(payload)) {
    next.clear();
    append_line(next, trimmed(line.substr(0, kMaxCueText)));
    if (next.empty()) continue;
    if (clean.size() + next.size() > kMaxCueText) break;
    if (!clean.empty()) clean += '\n';
    clean += next;
  }
  return clean;
}

std::string clean_settings(std::string_view settings) {
  constexpr std::array<std::string_view, 5> known{"vertical:", "line:", "position:", "size:", "align:"};
  constexpr std::size_t longest = 200;
  std::string clean;
  settings = settings.substr(0, longest);
  while (!settings.empty()) {
    const auto end = settings.find_first_of(" \t");
    const std::string_view one = settings.substr(0, end);
    settings.remove_prefix(end == std::string_view::npos ? settings.size() : end + 1);
    const bool plain = std::all_of(one.begin(), one.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
             std::string_view(":%,.-").find(c) != std::string_view::npos;
    });
    const bool wanted =
        std::any_of(known.begin(), known.end(), [&](auto name) { return one.starts_with(name); });
    if (!plain || !wanted || one.find("--") != std::string_view::npos) continue;
    clean += (clean.empty() ? "" : " ") + std::string(one);
  }
  return clean;
}

std::vector<TimedText> parse_webvtt(std::string_view file) {
  std::vector<TimedText> cues;
  std::optional<TimedText> cue;
  std::string text;
  const auto end_cue = [&] {
    if (cue) {
      cue->text = clean_payload(text);
      cues.push_back(std::move(*cue));
    }
    cue.reset();
    text.clear();
  };
  bool in_block = false;  // a comment, a style sheet, a region
  for (const std::string_view line : lines_of(file)) {
    if (cues.size() == kMaxCues) break;
    if (trimmed(line).empty()) {
      end_cue();
      in_block = false;
      continue;
    }
    std::string_view rest = line;
    const auto span = line.find("-->") == std::string_view::npos ? std::nullopt : take_span(rest);
    if (span) {
      end_cue();
      in_block = false;
      cue = TimedText{span->start_us, span->end_us, {}, clean_settings(rest), 0};
    } else if (cue && text.size() <= kMaxCueText) {
      text += line;
      text += '\n';
    } else if (!cue && !in_block) {
      in_block = line.starts_with("NOTE") || line.starts_with("STYLE") || line.starts_with("REGION");
    }
  }
  end_cue();
  return cues;
}

}  // namespace carrel::streamer::subtitles
