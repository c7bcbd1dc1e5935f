#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "orchestrator/library/title.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel::library;
using carrel::fuzz::require;

/// Any name that a file can have: a title that goes into JSON, which throws at what is not UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  const std::string title = title_from(name);
  require(name.empty() || !title.empty());
  (void)nlohmann::json(title).dump();
  require(extension_of(name).find('.') == std::string::npos);
  return 0;
}
