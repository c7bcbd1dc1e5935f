#include "streamer/protocol/codec.hpp"

#include <string>
#include <utility>

#include "streamer/protocol/fields.hpp"
#include "streamer/protocol/wire.hpp"

namespace carrel::protocol {
namespace {

/// Reads alternative `I` of Message, or a later one, by its number.
template <std::size_t I = 0>
bool read_alternative(wire::Reader& reader, std::size_t type, Message& into) {
  if constexpr (I < std::variant_size_v<Message>) {
    if (type == I) {
      wire::fields(reader, into.emplace<I>());
      return true;
    }
    return read_alternative<I + 1>(reader, type, into);
  } else {
    return false;
  }
}

}  // namespace

std::vector<std::byte> encode(const Message& message) {
  wire::Writer writer;
  writer.integer(kVersion);
  writer.integer(static_cast<std::uint8_t>(message.index()));
  std::visit([&](const auto& each) { wire::fields(writer, each); }, message);
  return std::move(writer).take();
}

Result<Message> decode(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxMessageBytes) {
    return make_error(ErrorKind::invalid, "control message of " + std::to_string(bytes.size()) +
                                              " bytes, longer than the protocol allows; drop the peer");
  }
  wire::Reader reader(bytes);
  std::uint16_t version = 0;
  std::uint8_t type = 0;
  reader.integer(version);
  reader.integer(type);
  if (!reader.ok()) {
    return make_error(ErrorKind::invalid, "control message without version and type; drop the peer");
  }
  if (version != kVersion) {
    return make_error(ErrorKind::invalid, "control message of version " + std::to_string(version) +
                                              ", this side speaks " + std::to_string(kVersion) +
                                              "; use a daemon and a streamer image of one release");
  }
  Message message;
  if (!read_alternative(reader, type, message)) {
    return make_error(ErrorKind::invalid,
                      "control message of unknown type " + std::to_string(type) + "; drop the peer");
  }
  if (!reader.ok() || !reader.at_end()) {
    return make_error(ErrorKind::invalid, "control message of type " + std::to_string(type) + " and " +
                                              std::to_string(bytes.size()) +
                                              " bytes is malformed; drop the peer");
  }
  return message;
}

}  // namespace carrel::protocol
