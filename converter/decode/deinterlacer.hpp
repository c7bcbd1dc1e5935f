#pragma once

#include <deque>

#include "converter/decode/libav.hpp"

namespace carrel::converter {

[[nodiscard]] bool is_interlaced(const AVFrame& frame);

/// Makes one whole picture of each interlaced frame (bwdif), at the frame's own time. Frames go through it in
/// order; the first interlaced one makes it look one frame ahead.
class Deinterlacer {
 public:
  /// Takes the frame over.
  void put(libav::Frame frame);
  /// No frame that comes later is to be looked at for those before: they come out.
  void cut();
  /// Null: none yet.
  [[nodiscard]] libav::Frame take();

 private:
  [[nodiscard]] bool open(const AVFrame& like);
  void drain();

  libav::Graph graph_;
  AVFilterContext* source_ = nullptr;  // the graph's
  AVFilterContext* sink_ = nullptr;
  int width_ = 0, height_ = 0, format_ = -1;
  std::deque<libav::Frame> ready_;
};

}  // namespace carrel::converter
