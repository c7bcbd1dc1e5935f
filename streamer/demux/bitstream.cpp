#include "streamer/demux/bitstream.hpp"

namespace carrel::streamer {

std::unique_ptr<Bitstream> make_bitstream(Codec codec, const std::string& config) {
  switch (codec) {
    case Codec::h264: return make_h264(config);
    case Codec::hevc: return make_hevc(config);
    case Codec::vp8: return make_vp8();
    case Codec::vp9: return make_vp9();
    case Codec::av1: return make_av1();
    default: return nullptr;
  }
}

}  // namespace carrel::streamer
