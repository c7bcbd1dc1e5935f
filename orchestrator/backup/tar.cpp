#include "orchestrator/backup/tar.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace carrel::backup::tar {

namespace {

// Offsets and lengths of the fields that are used (POSIX, pax: "ustar Header Block").
constexpr std::size_t kNameSize = 100, kModeAt = 100, kSizeAt = 124, kSizeSize = 12, kTimeAt = 136;
constexpr std::size_t kSumAt = 148, kSumSize = 8, kTypeAt = 156, kMagicAt = 257;
constexpr std::string_view kMagic{
    "ustar\0"
    "00",
    8};
constexpr char kRegular = '0';
constexpr std::uint64_t kLargest = (std::uint64_t{1} << 33) - 1;  // eleven octal digits

std::string octal(std::uint64_t value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", digits, static_cast<unsigned long long>(value));
  return text.data();
}

/// With its own field taken as blanks.
std::uint32_t sum_of(std::string_view block) {
  std::uint32_t sum = kSumSize * ' ';
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (i < kSumAt || i >= kSumAt + kSumSize) sum += static_cast<unsigned char>(block[i]);
  }
  return sum;
}

/// Octal digits up to a NUL or blank; nothing else.
Result<std::uint64_t> number(std::string_view field) {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (const char one : field) {
    if (one == '\0' || one == ' ') break;
    if (one < '0' || one > '7')
      return make_error(ErrorKind::invalid, "the backup is damaged: a wrong number");
    value = value * 8 + static_cast<std::uint64_t>(one - '0');
    ++digits;
  }
  if (digits == 0) return make_error(ErrorKind::invalid, "the backup is damaged: a number is missing");
  return value;
}

}  // namespace

std::string head(const Entry& entry, std::int64_t modified_at) {
  std::string block(kBlock, '\0');
  block.replace(0, entry.name.size(), entry.name);
  block.replace(kModeAt, 7, octal(0600, 7));
  block.replace(kModeAt + 8, 7, octal(0, 7));
  block.replace(kModeAt + 16, 7, octal(0, 7));
  block.replace(kSizeAt, 11, octal(std::min(entry.size, kLargest), 11));
  block.replace(kTimeAt, 11, octal(static_cast<std::uint64_t>(std::max<std::int64_t>(modified_at, 0)), 11));
  block[kTypeAt] = kRegular;
  block.replace(kMagicAt, kMagic.size(), kMagic);
  block.replace(kSumAt, 6, octal(sum_of(block), 6));
  block[kSumAt + 7] = ' ';
  return block;
}

std::size_t padding(std::uint64_t size) {
  return static_cast<std::size_t>((kBlock - size % kBlock) % kBlock);
}

std::string end() {
  std::string blocks(2 * kBlock, '\0');
  return blocks;
}

bool is_end(std::string_view block) {
  return std::ranges::all_of(block, [](char one) { return one == '\0'; });
}

Result<Entry> parse_head(std::string_view block) {
  if (block.size() != kBlock || block.substr(kMagicAt, 5) != kMagic.substr(0, 5)) {
    return make_error(ErrorKind::invalid, "this is no backup of Carrel's, or it is damaged");
  }
  const auto sum = number(block.substr(kSumAt, kSumSize));
  if (sum.has_error()) return sum.error();
  if (*sum != sum_of(block)) return make_error(ErrorKind::invalid, "the backup is damaged: a wrong sum");
  if (block[kTypeAt] != kRegular) {
    return make_error(ErrorKind::invalid, "the backup holds something else than files");
  }
  const auto size = number(block.substr(kSizeAt, kSizeSize));
  if (size.has_error()) return size.error();
  const std::string_view field = block.substr(0, kNameSize);
  const std::string_view name = field.substr(0, field.find('\0'));
  if (name.empty() || name.size() == kNameSize) {
    return make_error(ErrorKind::invalid, "the backup is damaged: a wrong name");
  }
  return Entry{std::string(name), *size};
}

}  // namespace carrel::backup::tar
