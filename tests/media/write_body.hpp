#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/respond/read_pieces.hpp"

/// What the programs that package films for tests have in common.
namespace carrel::streamer::testing {

/// The value; an error ends the program with its message.
template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << result.error().message << "\n";
  std::exit(1);
}

/// One piece in memory at a time.
inline void write_body(int film, const Pieces& body, const std::filesystem::path& path) {
  std::ofstream out(path, std::ios::binary);
  for (const Piece& piece : body) {
    const std::string bytes = must(read_pieces(film, {piece}));
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace carrel::streamer::testing
