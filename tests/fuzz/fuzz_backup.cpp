// A backup somebody found: it is read by root, on a new machine.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "orchestrator/backup/bundle.hpp"
#include "orchestrator/backup/tar.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace carrel::backup;

/// Sums are no defence against who can compute them: those of heads are made right, so that the search goes
/// on.
void make_sums_right(std::string& bytes) {
  for (std::size_t at = 0; at + tar::kBlock <= bytes.size(); at += tar::kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    unsigned sum = 8 * ' ';
    for (std::size_t i = 0; i < tar::kBlock; ++i) {
      if (i < 148 || i >= 156) sum += static_cast<unsigned char>(bytes[at + i]);
    }
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum & 0777777);
    bytes.replace(at + 148, 7, std::string(text, 7));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using carrel::fuzz::require;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  make_sums_right(bytes);
  std::size_t taken = 0;
  const Sink sink{[](const Part& part) {
                    require(part.name.front() != '/' && part.name.find("..") == std::string::npos);
                    return carrel::Result<void>();
                  },
                  [&taken](std::string_view piece) {
                    taken += piece.size();
                    return carrel::Result<void>();
                  },
                  [] { return carrel::Result<void>(); }};
  const auto reader = read_memory(bytes);
  const auto manifest = read_bundle(*reader, sink);
  require(taken <= size);
  if (manifest.has_error()) {
    require(!manifest.error().message.empty());
    return 0;
  }
  const auto again = parse_manifest(to_json(*manifest));
  require(again.has_value() && again->parts == manifest->parts);
  return 0;
}
