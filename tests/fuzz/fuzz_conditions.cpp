#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "streamer/protocol/codec.hpp"
#include "streamer/protocol/conditions.hpp"
#include "streamer/respond/respond.hpp"
#include "tests/fuzz/lines.hpp"
#include "tests/fuzz/require.hpp"

using namespace carrel;
using fuzz::require;

/// Six header values, a line each. Whatever they are, the conditions fit into a message, and no answer is
/// much longer than the film.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  protocol::ConditionHeaders headers;
  for (std::string_view* header :
       {&headers.range, &headers.if_range, &headers.if_match, &headers.if_none_match,
        &headers.if_modified_since, &headers.if_unmodified_since}) {
    *header = fuzz::take_line(text);
  }
  protocol::Serve request;
  request.conditions = protocol::parse_conditions(headers);
  for (const protocol::ByteRange& range : request.conditions.ranges) {
    require(range.first || range.last);
    require(!range.first || !range.last || *range.first <= *range.last);
  }
  const auto decoded = protocol::decode(protocol::encode(request));
  require(decoded && std::get<protocol::Serve>(*decoded).conditions == request.conditions);
  for (const auto& date : {request.conditions.if_modified_since, request.conditions.if_unmodified_since}) {
    require(!date || protocol::parse_http_date(protocol::format_http_date(*date)) == date);
  }
  constexpr std::uint64_t overhead = 8192;
  for (const std::uint64_t film : std::array<std::uint64_t, 4>{0, 1, 1000, std::uint64_t{1} << 62U}) {
    const streamer::Answer answer = streamer::plan_original(request, {film, 1'000'000'000, 0});
    require(streamer::total_bytes(answer.pieces) <= film + overhead);
  }
  return 0;
}
