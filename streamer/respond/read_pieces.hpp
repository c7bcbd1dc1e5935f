#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/error.hpp"
#include "streamer/respond/body.hpp"

namespace carrel::streamer {

/// Fills `into` from byte `offset` on, with pread. ErrorKind::invalid: the film ends before.
[[nodiscard]] Result<void> read_film(int film, std::uint64_t offset, std::span<char> into);
/// into.size() is the length of `bytes`.
[[nodiscard]] Result<void> read_strided(int film, StridedBytes bytes, std::span<char> into);
/// All bytes of `pieces`, in memory: for samples, not for films.
[[nodiscard]] Result<std::string> read_pieces(int film, const Pieces& pieces);

}  // namespace carrel::streamer
