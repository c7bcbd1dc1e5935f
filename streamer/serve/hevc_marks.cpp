#include "streamer/serve/hevc_marks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "streamer/respond/read_pieces.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostBoxes = 4096;        // looked at in one film
constexpr std::size_t kMostConfig = 64 * 1024;  // of an hvcC
constexpr std::uint64_t kSampleEntry = 78;      // what a picture's entry has before its boxes
constexpr std::array<std::string_view, 5> kWay{"moov", "trak", "mdia", "minf", "stbl"};

struct Box {
  std::string type;
  std::uint64_t mark = 0;            ///< where its type stands
  std::uint64_t begin = 0, end = 0;  ///< of its content
};

std::uint64_t number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

class Search {
 public:
  explicit Search(int film) : film_(film) {}

  std::vector<std::uint64_t> run(std::uint64_t film_bytes) {
    descend(0, film_bytes, 0);
    std::ranges::sort(found_);
    return found_;
  }

 private:
  std::optional<std::string> read(std::uint64_t at, std::size_t bytes) {
    std::string into(bytes, '\0');
    if (!read_film(film_, at, into)) return std::nullopt;
    return into;
  }

  std::optional<Box> box_at(std::uint64_t at, std::uint64_t end) {
    if (end - at < 8 || left_ == 0) return std::nullopt;
    --left_;
    const auto head = read(at, 8);
    if (!head) return std::nullopt;
    std::uint64_t size = number(head->substr(0, 4)), header = 8;
    if (size == 1) {
      const auto large = end - at < 16 ? std::nullopt : read(at + 8, 8);
      if (!large) return std::nullopt;
      size = number(*large);
      header = 16;
    }
    if (size == 0) size = end - at;  // to the end of the film
    if (size < header || size > end - at) return std::nullopt;
    return Box{head->substr(4), at + 4, at + header, at + size};
  }

  template <class Each>
  void each_box(std::uint64_t begin, std::uint64_t end, Each each) {
    while (begin < end) {
      const auto box = box_at(begin, end);
      if (!box) return;
      each(*box);
      begin = box->end;
    }
  }

  void descend(std::uint64_t begin, std::uint64_t end, std::size_t depth) {
    each_box(begin, end, [&](const Box& box) {
      if (depth < kWay.size() && box.type == kWay[depth]) descend(box.begin, box.end, depth + 1);
      if (depth == kWay.size() && box.type == "stsd" && box.end - box.begin > 8)
        entries(box.begin + 8, box.end);
    });
  }

  void entries(std::uint64_t begin, std::uint64_t end) {
    each_box(begin, end, [&](const Box& entry) {
      if (entry.type == "hev1" && entry.end - entry.begin > kSampleEntry && described(entry))
        found_.push_back(entry.mark);
    });
  }

  bool described(const Box& entry) {
    bool complete = false;
    each_box(entry.begin + kSampleEntry, entry.end, [&](const Box& box) {
      const std::uint64_t size = box.end - box.begin;
      const auto config = box.type == "hvcC" && size <= kMostConfig
                              ? read(box.begin, static_cast<std::size_t>(size))
                              : std::nullopt;
      if (config) complete = has_parameter_sets(*config);
    });
    return complete;
  }

  /// ISO/IEC 14496-15 section 8.3.3.1.
  static bool has_parameter_sets(std::string_view config) {
    constexpr std::size_t arrays_at = 22;
    if (config.size() <= arrays_at) return false;
    std::size_t arrays = number(config.substr(arrays_at, 1));
    config.remove_prefix(arrays_at + 1);
    std::set<std::uint64_t> types;
    for (; arrays > 0 && config.size() >= 3; --arrays) {
      const std::uint64_t type = number(config.substr(0, 1)) & 0x3f;
      std::uint64_t units = number(config.substr(1, 2));
      config.remove_prefix(3);
      if (units > 0) types.insert(type);
      for (; units > 0 && config.size() >= 2; --units)
        config.remove_prefix(std::min<std::size_t>(config.size(), 2 + number(config.substr(0, 2))));
    }
    return types.contains(32) && types.contains(33) && types.contains(34);
  }

  int film_;
  std::size_t left_ = kMostBoxes;
  std::vector<std::uint64_t> found_;
};

}  // namespace

std::vector<std::uint64_t> hevc_marks(int film, std::uint64_t film_bytes) {
  return Search(film).run(film_bytes);
}

}  // namespace carrel::streamer
