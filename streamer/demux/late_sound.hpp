#pragma once

#include "streamer/demux/libav.hpp"

namespace carrel::streamer {

/// A sound that begins behind the part of the film that libavformat has looked at: nothing tells its rate or
/// its channels.
[[nodiscard]] bool is_unheard(const AVStream& stream);

/// Completes such a sound's description by decoding a packet of it, as libavformat does at the beginning.
/// False: the packet does not tell.
[[nodiscard]] bool hear(const AVStream& stream, const AVPacket& packet);

}  // namespace carrel::streamer
