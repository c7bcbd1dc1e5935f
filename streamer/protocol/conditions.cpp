#include "streamer/protocol/conditions.hpp"

#include <algorithm>
#include <limits>

namespace carrel::protocol {
namespace {

// Two tag lists of this size and everything else still fit into one message.
constexpr std::size_t kMaxTagHeader = 16 * 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// A number beyond 64 bits lies beyond every film, like the greatest one, so it saturates.
std::optional<std::uint64_t> parse_position(std::string_view digits) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty()) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (most - digit) / 10 ? most : value * 10 + digit;
  }
  return value;
}

std::optional<ByteRange> parse_range_spec(std::string_view spec) {
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view before = spec.substr(0, dash);
  const std::string_view after = spec.substr(dash + 1);
  ByteRange range{parse_position(before), parse_position(after)};
  const bool first_wrong = !before.empty() && !range.first;
  const bool last_wrong = !after.empty() && !range.last;
  const bool nothing = !range.first && !range.last;
  const bool backwards = range.first && range.last && *range.last < *range.first;
  if (first_wrong || last_wrong || nothing || backwards) {
    return std::nullopt;
  }
  return range;
}

/// Consumes one entity-tag from the left (RFC 9110 section 8.8.3).
std::optional<EntityTag> take_entity_tag(std::string_view& text) {
  EntityTag tag;
  std::string_view rest = text;
  if (rest.starts_with("W/")) {
    tag.weak = true;
    rest.remove_prefix(2);
  }
  if (!rest.starts_with('"')) {
    return std::nullopt;
  }
  rest.remove_prefix(1);
  const std::size_t end = rest.find('"');
  if (end == std::string_view::npos || end > kMaxText) {
    return std::nullopt;
  }
  tag.opaque = rest.substr(0, end);
  const bool allowed = std::ranges::all_of(tag.opaque, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x21 && byte != 0x7F;
  });
  if (!allowed) {
    return std::nullopt;
  }
  text = rest.substr(end + 1);
  return tag;
}

std::optional<TagCondition> parse_tags(std::string_view header) {
  header = trim(header);
  TagCondition condition;
  if (header == "*") {
    condition.any = true;
    return condition;
  }
  if (header.size() > kMaxTagHeader) {
    return std::nullopt;
  }
  while (!header.empty()) {
    if (header.front() == ',' || is_space(header.front())) {
      header.remove_prefix(1);
      continue;
    }
    std::optional<EntityTag> tag = take_entity_tag(header);
    header = trim(header);
    const bool ended = header.empty() || header.front() == ',';
    if (!tag || !ended || condition.tags.size() == kMaxEntityTags) {
      return std::nullopt;
    }
    condition.tags.push_back(std::move(*tag));
  }
  return condition.tags.empty() ? std::nullopt : std::optional(std::move(condition));
}

std::variant<EntityTag, std::int64_t> parse_if_range(std::string_view header) {
  header = trim(header);
  std::string_view rest = header;
  std::optional<EntityTag> tag = take_entity_tag(rest);
  if (tag && rest.empty()) {
    return std::move(*tag);
  }
  if (const std::optional<std::int64_t> date = parse_http_date(header)) {
    return *date;
  }
  return EntityTag{"", true};
}

}  // namespace

std::vector<ByteRange> parse_range(std::string_view header) {
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos || !equals_ignoring_case(trim(header.substr(0, equals)), "bytes")) {
    return {};
  }
  std::string_view rest = header.substr(equals + 1);
  std::vector<ByteRange> ranges;
  for (;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view element = trim(rest.substr(0, comma));
    if (!element.empty()) {
      const std::optional<ByteRange> range = parse_range_spec(element);
      if (!range || ranges.size() == kMaxRanges) {
        return {};
      }
      ranges.push_back(*range);
    }
    if (comma == std::string_view::npos) {
      return ranges;
    }
    rest.remove_prefix(comma + 1);
  }
}

Conditions parse_conditions(const ConditionHeaders& headers) {
  Conditions conditions;
  conditions.if_match = parse_tags(headers.if_match);
  conditions.if_none_match = parse_tags(headers.if_none_match);
  conditions.if_modified_since = parse_http_date(trim(headers.if_modified_since));
  conditions.if_unmodified_since = parse_http_date(trim(headers.if_unmodified_since));
  conditions.ranges = parse_range(headers.range);
  if (!headers.if_range.empty()) {
    conditions.if_range = parse_if_range(headers.if_range);
  }
  return conditions;
}

}  // namespace carrel::protocol
