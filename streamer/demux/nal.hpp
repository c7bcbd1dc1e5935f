#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace carrel::streamer {

using Bytes = std::span<const std::byte>;

/// Walks over length-prefixed NAL units (ISO/IEC 14496-15 section 4.3.3). Ends at a length beyond the sample.
class NalReader {
 public:
  /// length_bytes: 1, 2 or 4
  NalReader(Bytes sample, std::size_t length_bytes) : rest_(sample), length_bytes_(length_bytes) {}
  [[nodiscard]] std::optional<Bytes> next();

 private:
  Bytes rest_;
  std::size_t length_bytes_;
};

/// Walks over NAL units behind start codes (ITU-T H.264 annex B); zeros behind a unit are not part of it.
class AnnexBReader {
 public:
  explicit AnnexBReader(Bytes stream);
  [[nodiscard]] std::optional<Bytes> next();

 private:
  Bytes rest_;  ///< behind a start code
};

[[nodiscard]] bool begins_with_start_code(std::string_view bytes);

/// A NAL unit without its emulation prevention bytes (section 7.3.1).
[[nodiscard]] std::string raw_payload(Bytes nal);

/// Notices a parameter set that neither the configuration nor the track's first sample had.
class ParameterSets {
 public:
  void add(Bytes nal);
  void meet(Bytes nal);
  void first_sample_ended() { settled_ = true; }
  [[nodiscard]] bool empty() const { return known_.empty(); }
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  std::set<std::string> known_;
  bool settled_ = false;
  bool changed_ = false;
};

}  // namespace carrel::streamer
