#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Character sets of files from before UTF-8. Pure.
namespace carrel::streamer::subtitles {

enum class Charset : std::uint8_t {
  windows_1250,
  windows_1251,
  windows_1252,
  windows_1253,
  windows_1254,
  windows_1255,
  windows_1256,
  windows_1257,
  windows_1258,
  windows_874,
  ibm_866,
  koi8_r,
  koi8_u,
  iso_8859_2,
  iso_8859_4,
  iso_8859_5,
  iso_8859_7,
  iso_8859_10,
  iso_8859_14,
  iso_8859_15,
  iso_8859_16,
  iso_8859_6,
  ibm_720,
  ibm_737,
  ibm_775,
  ibm_850,
  ibm_852,
  ibm_855,
  ibm_857,
  ibm_862,
  ibm_869,
  mac_roman,
  shift_jis,
  gbk,
  big5,
  euc_kr,
  euc_jp,
};
inline constexpr Charset kLastCharset = Charset::euc_jp;

/// `bytes` as UTF-8. What the set does not assign is U+FFFD. Empty with `strict` where a byte or a pair of a
/// multi-byte set is not assigned.
[[nodiscard]] std::optional<std::string> decode(std::string_view bytes, Charset charset, bool strict = false);

/// ISO 2022-JP: 7 bits, and an escape sequence says what they are. Empty: there is none that begins Japanese.
[[nodiscard]] std::optional<std::string> decode_iso2022_jp(std::string_view bytes);

/// UTF-16 and UTF-8 with a byte order mark become UTF-8; anything else is taken as UTF-8 and returned as it
/// is.
[[nodiscard]] std::string decoded_by_mark(std::string_view bytes);

[[nodiscard]] std::string decode_utf16(std::string_view bytes, bool big_endian);

}  // namespace carrel::streamer::subtitles
