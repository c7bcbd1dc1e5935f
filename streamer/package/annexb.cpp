#include "streamer/package/annexb.hpp"

#include <algorithm>
#include <optional>

namespace carrel::streamer {
namespace {

constexpr std::string_view kStartCode("\0\0\0\1", 4);

constexpr std::size_t kFirstParameterSet = 32, kLastParameterSet = 34;  // of HEVC

Error unknown() {
  return make_error(ErrorKind::not_found, "the picture is not to be had as MPEG-TS");
}

/// Reads big-endian numbers and what they are lengths of, until there is no more.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::optional<std::size_t> number(std::size_t bytes) {
    const auto taken = take(bytes);
    if (!taken) return std::nullopt;
    std::size_t value = 0;
    for (const char c : *taken) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::optional<std::string_view> take(std::size_t bytes) {
    if (bytes > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  /// `count` NAL units with two bytes of length each.
  bool append_units(std::string& to, std::size_t count) {
    for (; count > 0; --count) {
      const auto length = number(2);
      const auto unit = length ? take(*length) : std::nullopt;
      if (!unit) return false;
      to.append(kStartCode).append(*unit);
    }
    return true;
  }

 private:
  std::string_view rest_;
};

/// ISO/IEC 14496-15 section 5.3.3.1.
bool read_avcc(std::string_view config, AnnexB& into) {
  Reader reader(config);
  if (!reader.take(4)) return false;
  const auto lengths = reader.number(1);
  const auto sps = reader.number(1);
  if (!lengths || !sps || !reader.append_units(into.parameter_sets, *sps & 0x1f)) return false;
  const auto pps = reader.number(1);
  into.length_bytes = (*lengths & 3) + 1;
  return pps && reader.append_units(into.parameter_sets, *pps);
}

/// ISO/IEC 14496-15 section 8.3.3.1.
bool read_hvcc(std::string_view config, AnnexB& into) {
  Reader reader(config);
  if (!reader.take(21)) return false;
  const auto lengths = reader.number(1);
  const auto arrays = reader.number(1);
  if (!lengths || !arrays) return false;
  into.length_bytes = (*lengths & 3) + 1;
  for (std::size_t i = 0; i < *arrays; ++i) {
    const auto type = reader.number(1);
    const auto units = reader.number(2);
    std::string sets;
    if (!type || !units || !reader.append_units(sets, *units)) return false;
    // An encoder's words about itself need not be said again at every entry.
    const std::size_t kind = *type & 0x3f;
    if (kind >= kFirstParameterSet && kind <= kLastParameterSet) into.parameter_sets += sets;
  }
  return true;
}

bool is_delimiter(char first, bool hevc) {
  const auto byte = static_cast<unsigned char>(first);
  return hevc ? (byte >> 1 & 0x3f) == 35 : (byte & 0x1f) == 9;
}

}  // namespace

void AnnexB::append(std::string& to, std::string sample, bool sync) const {
  to += delimiter;
  if (sync) to += parameter_sets;
  for (std::size_t at = 0; at + length_bytes <= sample.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
      length = length << 8 | static_cast<unsigned char>(sample[at + i]);
    const std::size_t unit = at + length_bytes;
    if (length > sample.size() - unit) break;  // damaged; what follows is the decoder's to make sense of
    sample.replace(at, length_bytes, kStartCode.substr(kStartCode.size() - length_bytes));
    // Its own delimiter comes too late; zeros before a start code mean nothing.
    if (length > 0 && is_delimiter(sample[unit], hevc))
      std::fill_n(sample.begin() + static_cast<std::ptrdiff_t>(at), length_bytes + length, '\0');
    at = unit + length;
  }
  to += sample;
}

Result<AnnexB> annexb_of(const TrackInfo& picture) {
  AnnexB made;
  made.hevc = picture.codec == Codec::hevc;
  if (!made.hevc && picture.codec != Codec::h264) return unknown();
  // Any type of slice may follow.
  made.delimiter = std::string(kStartCode) + (made.hevc ? "\x46\x01\x50" : "\x09\xf0");
  const bool read = made.hevc ? read_hvcc(picture.config, made) : read_avcc(picture.config, made);
  if (!read || made.length_bytes < 3) return unknown();
  return made;
}

}  // namespace carrel::streamer
