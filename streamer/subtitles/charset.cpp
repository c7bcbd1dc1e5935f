#include "streamer/subtitles/charset.hpp"

#include <algorithm>
#include <span>

#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

#include "charset_tables.inc"

struct Pairs {
  std::span<const char16_t> table;
  unsigned first_lead = 0, first_trail = 0, trails = 0;
};

/// In the order of Charset.
constexpr std::array<const std::array<char16_t, 128>*, 32> kSingle{
    &k_cp1250,    &k_cp1251,    &k_cp1252,    &k_cp1253,     &k_cp1254,     &k_cp1255,     &k_cp1256,
    &k_cp1257,    &k_cp1258,    &k_cp874,     &k_cp866,      &k_koi8_r,     &k_koi8_u,     &k_iso8859_2,
    &k_iso8859_4, &k_iso8859_5, &k_iso8859_7, &k_iso8859_10, &k_iso8859_14, &k_iso8859_15, &k_iso8859_16,
    &k_iso8859_6, &k_cp720,     &k_cp737,     &k_cp775,      &k_cp850,      &k_cp852,      &k_cp855,
    &k_cp857,     &k_cp862,     &k_cp869,     &k_mac_roman};
static_assert(kSingle.size() == static_cast<std::size_t>(Charset::shift_jis));

Pairs pairs_of(Charset charset) {
  switch (charset) {
    case Charset::shift_jis: return {k_cp932, 0x81, 0x40, 0xfc - 0x40 + 1};
    case Charset::gbk: return {k_gbk, 0x81, 0x40, 0xfe - 0x40 + 1};
    case Charset::big5: return {k_cp950, 0x81, 0x40, 0xfe - 0x40 + 1};
    case Charset::euc_jp: return {k_euc_jis_2004, 0x8e, 0xa1, 0xfe - 0xa1 + 1};
    default: return {k_cp949, 0x81, 0x41, 0xfe - 0x41 + 1};
  }
}

bool is_single(Charset charset) {
  return static_cast<std::size_t>(charset) < kSingle.size();
}

char32_t pair_at(const Pairs& pairs, unsigned lead, unsigned trail) {
  if (lead < pairs.first_lead || trail < pairs.first_trail || trail - pairs.first_trail >= pairs.trails)
    return 0;
  const std::size_t at = std::size_t{lead - pairs.first_lead} * pairs.trails + (trail - pairs.first_trail);
  return at < pairs.table.size() ? pairs.table[at] : 0;
}

/// Of EUC-JP, in three bytes: rare letters, for which there is no table.
bool is_jis_x_0212(std::string_view bytes, Charset charset) {
  return charset == Charset::euc_jp && bytes.size() >= 3 && bytes[0] == '\x8f' &&
         std::ranges::all_of(bytes.substr(1, 2), [](char c) { return c >= '\xa1' && c <= '\xfe'; });
}

}  // namespace

std::optional<std::string> decode(std::string_view bytes, Charset charset, bool strict) {
  std::string text;
  text.reserve(bytes.size() * 2);
  const Pairs pairs = is_single(charset) ? Pairs{} : pairs_of(charset);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned byte = static_cast<unsigned char>(bytes[i]);
    char32_t character = byte;
    if (byte >= 0x80 && is_single(charset)) {
      character = (*kSingle[static_cast<std::size_t>(charset)])[byte - 0x80];
    } else if (byte >= 0x80 && charset == Charset::shift_jis && byte >= 0xa1 && byte <= 0xdf) {
      character = 0xff61 + (byte - 0xa1);  // katakana of half width
    } else if (byte >= 0x80) {
      const unsigned trail = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0;
      character = pair_at(pairs, byte, trail);
      // A lead alone must not swallow a line's end.
      if (character != 0) ++i;
      if (character == 0 && is_jis_x_0212(bytes.substr(i), charset)) {
        character = kReplacement;
        i += 2;
      }
    }
    if (character == 0 && byte >= 0x80) {
      if (strict) return std::nullopt;
      character = kReplacement;
    }
    append_utf8(text, character);
  }
  return text;
}

std::optional<std::string> decode_iso2022_jp(std::string_view bytes) {
  constexpr std::size_t escape_bytes = 3;
  enum class Set : std::uint8_t { ascii, kanji, kana };
  std::string euc;  // which has the same characters behind a bit more
  Set set = Set::ascii;
  bool japanese = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) >= 0x80) return std::nullopt;
    const std::string_view escape = bytes.substr(i, escape_bytes);
    if (escape == "\x1b$B" || escape == "\x1b$@" || escape == "\x1b(I") {
      set = escape == "\x1b(I" ? Set::kana : Set::kanji;
      japanese = true;
    } else if (escape == "\x1b(B" || escape == "\x1b(J") {
      set = Set::ascii;
    } else {
      const bool graphic = bytes[i] > ' ' && bytes[i] < 0x7f;
      if (!graphic) set = Set::ascii;  // at a line's end, at the latest
      if (set == Set::kana) euc += '\x8e';
      euc += set == Set::ascii ? bytes[i] : static_cast<char>(bytes[i] | '\x80');
      continue;
    }
    i += escape_bytes - 1;
  }
  return japanese ? decode(euc, Charset::euc_jp) : std::nullopt;
}

std::string decode_utf16(std::string_view bytes, bool big_endian) {
  std::string text;
  char32_t high = 0;  // of a pair that is not complete
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const unsigned first = static_cast<unsigned char>(bytes[i]);
    const unsigned second = static_cast<unsigned char>(bytes[i + 1]);
    const char32_t unit = big_endian ? first << 8U | second : second << 8U | first;
    const bool low = unit >= 0xdc00 && unit <= 0xdfff;
    if (high != 0) {
      append_utf8(text, low ? 0x10000 + ((high - 0xd800) << 10U) + (unit - 0xdc00) : kReplacement);
      high = 0;
      if (low) continue;
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      high = unit;
    } else {
      append_utf8(text, low ? kReplacement : unit);
    }
  }
  if (high != 0 || bytes.size() % 2 != 0) append_utf8(text, kReplacement);
  return text;
}

std::string decoded_by_mark(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return std::string(bytes.substr(3));
  if (bytes.starts_with("\xff\xfe")) return decode_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xfe\xff")) return decode_utf16(bytes.substr(2), true);
  return std::string(bytes);
}

}  // namespace carrel::streamer::subtitles
