#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// VobSub: pictures in packs of an MPEG program stream (.sub), times and places of them in a text (.idx).
namespace carrel::streamer::subtitles {

inline constexpr std::size_t kPackBytes = 2048;

/// A part of a .sub file: made bytes, or bytes of the picture itself.
struct VobSubPart {
  std::string made;  ///< with `picture_bytes` 0
  std::size_t picture_offset = 0, picture_bytes = 0;
};

/// The packs that carry one picture (subpicture unit) of `bytes` bytes.
[[nodiscard]] std::vector<VobSubPart> vobsub_packs(std::size_t bytes, std::int64_t us);

/// The .idx text.
class VobSubIndex {
 public:
  /// `settings`: of the codec's private data or of the .idx that was found: size and palette.
  VobSubIndex(std::string_view settings, std::string_view language);
  /// A picture at `us` of the film, whose first pack is at `position` of the .sub.
  void add(std::int64_t us, std::uint64_t position);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace carrel::streamer::subtitles
