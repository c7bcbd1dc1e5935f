#include "converter/decode/deinterlacer.hpp"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include <cstdio>
#include <utility>

namespace carrel::converter {

bool is_interlaced(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

bool Deinterlacer::open(const AVFrame& like) {
  libav::Graph graph(avfilter_graph_alloc());
  if (!graph) return false;
  graph->nb_threads = 1;
  char form[128];
  std::snprintf(form, sizeof form, "width=%d:height=%d:pix_fmt=%d:time_base=1/1", like.width, like.height,
                like.format);
  AVFilterContext* deinterlace = nullptr;
  const bool made =
      avfilter_graph_create_filter(&source_, avfilter_get_by_name("buffer"), "in", form, nullptr,
                                   graph.get()) >= 0 &&
      avfilter_graph_create_filter(&deinterlace, avfilter_get_by_name("bwdif"), "deinterlace",
                                   "mode=send_frame:deint=interlaced", nullptr, graph.get()) >= 0 &&
      avfilter_graph_create_filter(&sink_, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr,
                                   graph.get()) >= 0 &&
      avfilter_link(source_, 0, deinterlace, 0) >= 0 && avfilter_link(deinterlace, 0, sink_, 0) >= 0 &&
      avfilter_graph_config(graph.get(), nullptr) >= 0;
  if (!made) return false;
  graph_ = std::move(graph);
  width_ = like.width;
  height_ = like.height;
  format_ = like.format;
  return true;
}

void Deinterlacer::put(libav::Frame frame) {
  if (graph_ && (frame->width != width_ || frame->height != height_ || frame->format != format_)) cut();
  // Forms that the filter does not know stay as they are.
  if (!graph_ && (!is_interlaced(*frame) || !open(*frame))) {
    ready_.push_back(std::move(frame));
    return;
  }
  if (av_buffersrc_add_frame(source_, frame.get()) < 0) ready_.push_back(std::move(frame));
  drain();
}

void Deinterlacer::cut() {
  if (!graph_) return;
  if (av_buffersrc_add_frame(source_, nullptr) >= 0) drain();
  graph_.reset();
}

void Deinterlacer::drain() {
  for (;;) {
    libav::Frame frame(av_frame_alloc());
    if (!frame || av_buffersink_get_frame(sink_, frame.get()) < 0) return;
    // The filter counts half ticks.
    if (frame->pts != libav::kNoTime) frame->pts /= 2;
    ready_.push_back(std::move(frame));
  }
}

libav::Frame Deinterlacer::take() {
  if (ready_.empty()) return nullptr;
  libav::Frame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

}  // namespace carrel::converter
