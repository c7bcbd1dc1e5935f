#include "streamer/demux/matroska_outline.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

// RFC 8794 section 11.2.4 and RFC 9559 section 5.1
constexpr std::uint64_t kHeader = 0x1a45dfa3, kSegment = 0x18538067, kSeekHead = 0x114d9b74, kSeek = 0x4dbb,
                        kSeekId = 0x53ab, kSeekPosition = 0x53ac, kCluster = 0x1f43b675, kCues = 0x1c53bb6b,
                        kCuePoint = 0xbb, kCueTrackPositions = 0xb7, kCueClusterPosition = 0xf1,
                        kChapters = 0x1043a770, kEdition = 0x45b9, kEditionHidden = 0x45bd,
                        kEditionDefault = 0x45db, kChapter = 0xb6, kChapterUid = 0x73c4,
                        kChapterHidden = 0x98, kChapterEnabled = 0x4598, kTracks = 0x1654ae6b,
                        kTrackEntry = 0xae, kTrackType = 0x83, kCodecId = 0x86, kEncodings = 0x6d80,
                        kEncoding = 0x6240, kEncodingType = 0x5033, kCompression = 0x5034,
                        kCompressionAlgorithm = 0x4254;
constexpr std::size_t kMostRead = 4U << 20;  // of one element
constexpr std::size_t kHead = 12;            // bytes of an element's number and size, at most

struct Element {
  std::uint64_t id = 0;
  std::size_t head = 0;
  std::optional<std::uint64_t> size;  ///< of what is in it; empty: not known (a live recording)
};

/// RFC 8794 sections 4 and 5: the count of leading zeros tells the length.
std::optional<Element> element_at(Bytes bytes) {
  Element element;
  const auto number = [&](std::size_t longest, bool marked) -> std::optional<std::uint64_t> {
    const Bytes rest = bytes.subspan(element.head);
    if (rest.empty()) return std::nullopt;
    const auto first = std::to_integer<std::uint64_t>(rest[0]);
    std::size_t length = 1;
    while (length <= longest && (first << (length - 1) & 0x80) == 0) ++length;
    if (length > longest || length > rest.size()) return std::nullopt;
    std::uint64_t value = marked ? first : first & (0xffU >> length);
    for (const std::byte byte : rest.subspan(1, length - 1))
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    element.head += length;
    return value;
  };
  const auto id = number(4, true);
  const auto size = id ? number(8, false) : std::nullopt;
  if (!size) return std::nullopt;
  element.id = *id;
  const std::size_t size_bytes = element.head - (*id > 0xffffff ? 4 : *id > 0xffff ? 3 : *id > 0xff ? 2 : 1);
  if (*size != (std::uint64_t{1} << 7 * size_bytes) - 1) element.size = *size;
  return element;
}

/// Calls `take` with each element in `bytes` and what is in it, as far as they are whole.
template <class Take>
void walk(Bytes bytes, Take take) {
  while (const auto element = element_at(bytes)) {
    const Bytes rest = bytes.subspan(element->head);
    if (!element->size || *element->size > rest.size()) return;
    take(element->id, rest.first(static_cast<std::size_t>(*element->size)));
    bytes = rest.subspan(static_cast<std::size_t>(*element->size));
  }
}

std::uint64_t number_in(Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  return value;
}

/// What libavformat makes a stream of (RFC 9559 section 5.1.4.1.3).
bool is_stream(std::uint64_t type, std::string_view codec) {
  constexpr std::uint64_t video = 1, audio = 2, subtitle = 17, metadata = 33;
  if (codec.empty() || codec.front() == '\0') return false;
  switch (type) {
    case video: return codec.front() == 'V';
    case audio: return codec.front() == 'A';
    case subtitle:
    case metadata: return codec.front() == 'D' || codec.front() == 'S';
    default: return false;
  }
}

/// Empty: libavformat unpacks it, or says that it is encrypted.
std::string packing_of(Bytes encodings) {
  constexpr std::uint64_t zlib = 0, bzlib = 1, lzo = 2, stripped = 3;
  std::size_t count = 0;
  bool compressed = true;
  std::uint64_t algorithm = zlib;
  walk(encodings, [&](std::uint64_t id, Bytes encoding) {
    if (id != kEncoding) return;
    ++count;
    walk(encoding, [&](std::uint64_t part, Bytes value) {
      if (part == kEncodingType) compressed = number_in(value) == 0;
      if (part != kCompression) return;
      walk(value, [&](std::uint64_t inner, Bytes which) {
        if (inner == kCompressionAlgorithm) algorithm = number_in(which);
      });
    });
  });
  if (count > 1) return "in several ways at once";
  if (!compressed || algorithm == zlib || algorithm == lzo || algorithm == stripped) return {};
  return algorithm == bzlib ? "with bzlib" : "in a way that is not known";
}

class Outline {
 public:
  explicit Outline(FilmReader& film) : film_(film) {}

  MatroskaOutline read() {
    if (!enter_segment()) return outline_;
    read_beginning();
    // What stands behind the clusters; what the index of elements does not name no player finds.
    for (const auto& [id, position] : seeks_) {
      if ((id == kCues && cues_) || (id == kChapters && chapters_) || (id == kTracks && tracks_)) continue;
      if (id == kCues || id == kChapters || id == kTracks) meet(segment_ + position, id);
    }
    if (cluster_ && !cues_) outline_.cues = MatroskaOutline::Cues::missing;
    return outline_;
  }

 private:
  std::optional<Element> head(std::uint64_t at) {
    std::array<std::byte, kHead> bytes{};
    return element_at(Bytes(bytes).first(film_.read(at, bytes)));
  }

  bool enter_segment() {
    const auto header = head(0);
    if (!header || header->id != kHeader || !header->size || *header->size > kMostRead) return false;
    const std::uint64_t at = header->head + *header->size;
    const auto segment = head(at);
    if (!segment || segment->id != kSegment) return false;
    segment_ = at + segment->head;
    return true;
  }

  /// Up to the first cluster.
  void read_beginning() {
    constexpr int most = 1000;
    std::uint64_t at = segment_;
    for (int i = 0; i < most; ++i) {
      const auto element = head(at);
      if (!element) return;
      cluster_ = element->id == kCluster;
      if (cluster_ || !element->size || *element->size > film_.size()) return;
      meet(at, element->id);
      at += element->head + *element->size;
    }
  }

  /// `wanted` should be at `at`.
  void meet(std::uint64_t at, std::uint64_t wanted) {
    if (wanted != kSeekHead && wanted != kCues && wanted != kChapters && wanted != kTracks) return;
    const auto element = head(at);
    const bool there = element && element->id == wanted && element->size;
    std::vector<std::byte> content(there ? std::min<std::uint64_t>(*element->size, kMostRead) : 0);
    if (there) content.resize(film_.read(at + element->head, content));
    const Bytes bytes(content);
    if (wanted == kSeekHead) read_seeks(bytes);
    if (wanted == kCues) read_cues(bytes);
    if (wanted == kChapters) read_chapters(bytes);
    if (wanted == kTracks) read_tracks(bytes);
  }

  void read_seeks(Bytes content) {
    constexpr std::size_t most = 64;
    walk(content, [this](std::uint64_t id, Bytes seek) {
      std::uint64_t what = 0, position = 0;
      if (id != kSeek || seeks_.size() >= most) return;
      walk(seek, [&](std::uint64_t part, Bytes value) {
        if (part == kSeekId) what = number_in(value);
        if (part == kSeekPosition) position = number_in(value);
      });
      seeks_.emplace_back(what, position);
    });
  }

  void read_cues(Bytes content) {
    constexpr std::size_t tried = 16;
    cues_ = true;
    std::vector<std::uint64_t> positions;
    walk(content, [&](std::uint64_t id, Bytes point) {
      if (id != kCuePoint) return;
      walk(point, [&](std::uint64_t inner, Bytes track) {
        if (inner != kCueTrackPositions) return;
        walk(track, [&](std::uint64_t part, Bytes value) {
          if (part == kCueClusterPosition) positions.push_back(number_in(value));
        });
      });
    });
    bool right = !positions.empty();
    for (std::size_t i = 0; right && i < tried; ++i) {
      const auto element = head(segment_ + positions[i * (positions.size() - 1) / (tried - 1)]);
      right = element && element->id == kCluster;
    }
    outline_.cues = right ? MatroskaOutline::Cues::right : MatroskaOutline::Cues::wrong;
  }

  /// Of several editions the default one is to be shown, else the first that is not hidden.
  void read_chapters(Bytes content) {
    constexpr std::size_t most = 10'000;
    struct Edition {
      bool hidden = false, is_default = false;
      std::vector<std::pair<std::uint64_t, bool>> chapters;  // their numbers, and whether they are shown
    };
    std::vector<Edition> editions;
    std::size_t count = 0;
    chapters_ = true;
    walk(content, [&](std::uint64_t id, Bytes edition) {
      if (id != kEdition || ++count > most) return;
      Edition& found = editions.emplace_back();
      walk(edition, [&](std::uint64_t inner, Bytes chapter) {
        if (inner == kEditionHidden) found.hidden = number_in(chapter) != 0;
        if (inner == kEditionDefault) found.is_default = number_in(chapter) != 0;
        if (inner != kChapter || ++count > most) return;
        std::uint64_t uid = 0;
        bool shown = true;
        walk(chapter, [&](std::uint64_t part, Bytes value) {
          if (part == kChapterUid) uid = number_in(value);
          if (part == kChapterHidden) shown = shown && number_in(value) == 0;
          if (part == kChapterEnabled) shown = shown && number_in(value) != 0;
        });
        found.chapters.emplace_back(uid, shown);
      });
    });
    auto chosen = std::ranges::find_if(
        editions, [](const Edition& edition) { return edition.is_default && !edition.hidden; });
    if (chosen == editions.end()) chosen = std::ranges::find(editions, false, &Edition::hidden);
    // libavformat leaves out chapters that begin before one that it has: of editions only the first is whole.
    const bool alone = chosen == editions.begin();
    for (auto edition = editions.begin(); edition != editions.end(); ++edition)
      for (const auto& [uid, shown] : edition->chapters)
        if ((alone && edition != chosen) || !shown) outline_.hidden_chapters.insert(uid);
  }

  void read_tracks(Bytes content) {
    if (std::exchange(tracks_, true)) return;
    std::size_t stream = 0;
    walk(content, [&](std::uint64_t id, Bytes track) {
      if (id != kTrackEntry) return;
      std::uint64_t type = 0;
      std::string_view codec;
      std::string packing;
      walk(track, [&](std::uint64_t part, Bytes value) {
        if (part == kTrackType) type = number_in(value);
        if (part == kCodecId) codec = {reinterpret_cast<const char*>(value.data()), value.size()};
        if (part == kEncodings) packing = packing_of(value);
      });
      if (!is_stream(type, codec)) return;
      if (!packing.empty()) outline_.packed.emplace(stream, packing);
      ++stream;
    });
  }

  FilmReader& film_;
  MatroskaOutline outline_;
  std::uint64_t segment_ = 0;  ///< where what is in it begins
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seeks_;
  bool cluster_ = false, cues_ = false, chapters_ = false, tracks_ = false;
};

}  // namespace

MatroskaOutline outline_of(FilmReader& film) {
  return Outline(film).read();
}

}  // namespace carrel::streamer
