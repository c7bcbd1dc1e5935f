#pragma once

#include "base/error.hpp"
#include "converter/decode/source.hpp"

namespace carrel::converter {

/// What the index says of the picture; where it does not know the size (only a decoder finds that out of some
/// codecs), with the size of the first frame that decodes. ErrorKind::invalid, with a reason for people: none
/// does.
[[nodiscard]] Result<streamer::TrackInfo> probe(const Source& source);

}  // namespace carrel::converter
