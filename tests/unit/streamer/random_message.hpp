#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "streamer/protocol/message.hpp"

namespace carrel::test {

/// Messages of every type with fields anywhere inside their bounds; the same seed gives the same messages.
class RandomMessages {
 public:
  explicit RandomMessages(std::uint32_t seed) : random_(seed) {}

  protocol::Message next() {
    switch (below(15)) {
      case 0: return protocol::Hello{static_cast<std::uint16_t>(below(65536)), number32()};
      case 1: return serve();
      case 2: return protocol::Index{number(), text(8), sidecars()};
      case 3: {
        protocol::Done done{
            number(),  static_cast<protocol::Outcome>(below(5)), 206, number(), number(), text(1024),
            number32()};
        return done;
      }
      case 4: return protocol::IndexProgress{number(), number()};
      case 5: return indexed();
      case 6: return protocol::Verify{number()};
      case 7: return protocol::Ping{number()};
      case 8: return protocol::Pong{number(), number32(), number()};
      case 9: return pictures();
      case 10:
        return protocol::PicturesMade{number(),
                                      coin(),
                                      text(1024),
                                      static_cast<std::uint16_t>(number()),
                                      static_cast<std::uint16_t>(number()),
                                      number(),
                                      coin()};
      case 11: return protocol::Convert{number(), static_cast<std::uint16_t>(number()), number32()};
      case 12: return protocol::ConvertProgress{number(), number()};
      case 13: return protocol::Converted{number(), coin(), text(1024), track(), coin()};
      default: return protocol::Attempt{number(), text(60), text(60), text(1024), coin(), coin()};
    }
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  std::uint64_t number() { return random_() >> below(64); }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
  std::int64_t date() { return static_cast<std::int64_t>(random_()); }
  bool coin() { return below(2) == 1; }
  std::string text(std::size_t most) {
    std::string made(below(most + 1), ' ');
    for (char& c : made) {
      c = static_cast<char>(below(256));
    }
    return made;
  }
  protocol::TagCondition tags() {
    protocol::TagCondition condition;
    condition.any = coin();
    for (std::uint64_t i = below(protocol::kMaxEntityTags + 1); i > 0; --i) {
      condition.tags.push_back({text(80), coin()});
    }
    return condition;
  }
  protocol::Serve serve() {
    protocol::Serve made;
    made.id = number();
    made.resource =
        static_cast<protocol::Resource>(below(static_cast<std::uint64_t>(protocol::kLastResource) + 1));
    made.track = number32();
    made.segment = number32();
    made.form = static_cast<protocol::Form>(below(3));
    made.plays = number32();
    for (std::uint64_t i = below(protocol::kMaxVariants + 1); i > 0; --i) made.variants.push_back(text(16));
    made.head = coin();
    made.keep_alive = coin();
    made.date = date();
    made.skip = number();
    made.content_type = text(100);
    made.request_id = text(100);
    made.retry_after = number32();
    protocol::Conditions& conditions = made.conditions;
    if (coin()) conditions.if_match = tags();
    if (coin()) conditions.if_none_match = tags();
    if (coin()) conditions.if_modified_since = date();
    if (coin()) conditions.if_unmodified_since = date();
    if (coin()) conditions.if_range = protocol::EntityTag{text(80), coin()};
    if (coin()) conditions.if_range = date();
    for (std::uint64_t i = below(protocol::kMaxRanges + 1); i > 0; --i) {
      protocol::ByteRange& range = conditions.ranges.emplace_back();
      if (coin()) range.first = number();
      if (coin()) range.last = number();
    }
    return made;
  }
  protocol::Indexed indexed() {
    protocol::Indexed made;
    made.id = number();
    made.readable = coin();
    made.playable = coin();
    made.container = text(20);
    made.mime_type = text(40);
    made.reason = text(1024);
    made.duration_us = number();
    made.convertible = coin();
    made.chapters = number32();
    for (std::uint64_t i = below(protocol::kMaxFindings + 1); i > 0; --i) made.findings.push_back(text(200));
    for (std::uint64_t i = below(protocol::kMaxTracks + 1); i > 0; --i) made.tracks.push_back(track());
    return made;
  }
  protocol::TrackSummary track() {
    protocol::TrackSummary track;
    track.kind = static_cast<protocol::TrackKind>(below(4));
    track.use = static_cast<protocol::TrackUse>(below(6));
    track.forced = coin();
    track.hearing_impaired = coin();
    track.external = coin();
    track.milliframes = number32();
    track.document = text(8);
    track.is_default = coin();
    track.codec = text(40);
    track.language = text(20);
    track.title = text(200);
    track.width = number32();
    track.height = number32();
    track.channels = number32();
    track.sample_rate = number32();
    track.bits_per_second = number();
    return track;
  }
  std::vector<protocol::Sidecar> sidecars() {
    std::vector<protocol::Sidecar> made;
    for (std::uint64_t i = below(protocol::kMaxSidecars + 1); i > 0; --i)
      made.push_back({text(4), text(8), text(100), coin(), coin()});
    return made;
  }
  protocol::Pictures pictures() {
    protocol::Pictures made;
    made.id = number();
    for (std::uint64_t i = below(protocol::kMaxPictures + 1); i > 0; --i) made.times_us.push_back(number());
    made.columns = static_cast<std::uint16_t>(number());
    made.width = static_cast<std::uint16_t>(number());
    made.height = static_cast<std::uint16_t>(number());
    made.quality = static_cast<std::uint8_t>(below(101));
    made.sync_only = coin();
    return made;
  }

  std::mt19937_64 random_;
};

}  // namespace carrel::test
