#pragma once

#include <optional>
#include <variant>

#include "streamer/protocol/message.hpp"

/// The fields of each message, in wire order, for wire::Reader and wire::Writer alike. The order is the
/// protocol: a change here needs a new kVersion. A new type at the end
/// of Message does not, if only a peer that was started to know it is ever sent one.
namespace carrel::protocol::wire {

template <class Wire, class Optional, class Each>
void optional(Wire& wire, Optional& value, Each each) {
  bool present = value.has_value();
  wire.boolean(present);
  if constexpr (Wire::kReads) {
    if (present && wire.ok()) {
      value.emplace();
    }
  }
  if (value.has_value()) {
    each(*value);
  }
}

template <class Wire, class Tag>
void entity_tag(Wire& wire, Tag& tag) {
  wire.text(tag.opaque);
  wire.boolean(tag.weak);
}

template <class Wire, class Condition>
void tag_condition(Wire& wire, Condition& condition) {
  wire.boolean(condition.any);
  wire.list(condition.tags, kMaxEntityTags, [&](auto& tag) { entity_tag(wire, tag); });
}

/// EntityTag or date, told apart by a leading boolean: true for the date.
template <class Wire, class Either>
void tag_or_date(Wire& wire, Either& value) {
  bool is_date = std::holds_alternative<std::int64_t>(value);
  wire.boolean(is_date);
  if constexpr (Wire::kReads) {
    if (is_date) {
      value = std::int64_t{0};
    }
  }
  if (is_date) {
    wire.integer(std::get<std::int64_t>(value));
  } else {
    entity_tag(wire, std::get<EntityTag>(value));
  }
}

template <class Wire, class C>
void conditions(Wire& wire, C& value) {
  const auto integer = [&](auto& number) { wire.integer(number); };
  const auto tags = [&](auto& condition) { tag_condition(wire, condition); };
  optional(wire, value.if_match, tags);
  optional(wire, value.if_none_match, tags);
  optional(wire, value.if_modified_since, integer);
  optional(wire, value.if_unmodified_since, integer);
  optional(wire, value.if_range, [&](auto& either) { tag_or_date(wire, either); });
  wire.list(value.ranges, kMaxRanges, [&](auto& range) {
    optional(wire, range.first, integer);
    optional(wire, range.last, integer);
  });
}

template <class Wire, class T>
void track(Wire& wire, T& value) {
  wire.enumeration(value.kind, TrackKind::other);
  wire.enumeration(value.use, TrackUse::pictures);
  wire.boolean(value.is_default);
  wire.boolean(value.forced);
  wire.boolean(value.hearing_impaired);
  wire.boolean(value.external);
  wire.integer(value.milliframes);
  wire.text(value.document);
  wire.text(value.codec);
  wire.text(value.language);
  wire.text(value.title);
  wire.integer(value.width);
  wire.integer(value.height);
  wire.integer(value.channels);
  wire.integer(value.sample_rate);
  wire.integer(value.bits_per_second);
}

template <class Wire, class S>
void sidecar(Wire& wire, S& value) {
  wire.text(value.extension);
  wire.text(value.language);
  wire.text(value.title);
  wire.boolean(value.forced);
  wire.boolean(value.hearing_impaired);
}

/// Of the messages between the daemon and a converter.
template <class Wire, class M>
void converter_fields(Wire& wire, M& message) {
  using Plain = std::remove_const_t<M>;
  if constexpr (std::is_same_v<Plain, Pictures>) {
    wire.list(message.times_us, kMaxPictures, [&](auto& time) { wire.integer(time); });
    wire.integer(message.columns);
    wire.integer(message.width);
    wire.integer(message.height);
    wire.integer(message.quality);
    wire.boolean(message.sync_only);
  } else if constexpr (std::is_same_v<Plain, PicturesMade>) {
    wire.boolean(message.made);
    wire.text(message.reason);
    wire.integer(message.width);
    wire.integer(message.height);
    wire.integer(message.bytes);
    wire.boolean(message.may_work_later);
  } else if constexpr (std::is_same_v<Plain, Convert>) {
    wire.integer(message.height);
    wire.integer(message.bits_per_second);
  } else if constexpr (std::is_same_v<Plain, ConvertProgress>) {
    wire.integer(message.done_us);
  } else if constexpr (std::is_same_v<Plain, Converted>) {
    wire.boolean(message.made);
    wire.text(message.reason);
    track(wire, message.picture);
    wire.boolean(message.may_work_later);
  }
}

template <class Wire, class M>
void fields(Wire& wire, M& message) {
  using Plain = std::remove_const_t<M>;
  if constexpr (std::is_same_v<Plain, Hello>) {
    wire.integer(message.version);
    wire.integer(message.earlier_transfers);
  } else {
    wire.integer(message.id);
  }
  if constexpr (std::is_same_v<Plain, Serve>) {
    wire.enumeration(message.resource, kLastResource);
    wire.integer(message.track);
    wire.integer(message.segment);
    wire.enumeration(message.form, Form::aac_surround);
    wire.integer(message.plays);
    wire.list(message.variants, kMaxVariants, [&](auto& name) { wire.text(name); });
    wire.boolean(message.head);
    wire.boolean(message.keep_alive);
    wire.integer(message.date);
    wire.integer(message.skip);
    wire.text(message.content_type);
    wire.text(message.request_id);
    wire.integer(message.retry_after);
    conditions(wire, message.conditions);
  } else if constexpr (std::is_same_v<Plain, Index>) {
    wire.text(message.extension);
    wire.list(message.sidecars, kMaxSidecars, [&](auto& item) { sidecar(wire, item); });
  } else if constexpr (std::is_same_v<Plain, Done>) {
    wire.enumeration(message.outcome, Outcome::internal);
    wire.integer(message.status);
    wire.integer(message.bytes);
    wire.integer(message.first_byte_us);
    wire.text(message.detail);
    wire.integer(message.bad_variants);
  } else if constexpr (std::is_same_v<Plain, Pong>) {
    wire.integer(message.earlier_transfers);
    wire.integer(message.earlier_bytes);
  } else if constexpr (std::is_same_v<Plain, IndexProgress>) {
    wire.integer(message.film_bytes_read);
  } else if constexpr (std::is_same_v<Plain, Indexed>) {
    wire.boolean(message.readable);
    wire.boolean(message.playable);
    wire.boolean(message.convertible);
    wire.text(message.container);
    wire.text(message.mime_type);
    wire.text(message.reason);
    wire.integer(message.duration_us);
    wire.integer(message.chapters);
    wire.list(message.findings, kMaxFindings, [&](auto& text) { wire.text(text); });
    wire.list(message.tracks, kMaxTracks, [&](auto& item) { track(wire, item); });
  } else if constexpr (std::is_same_v<Plain, Attempt>) {
    wire.text(message.name);
    wire.text(message.expected);
    wire.text(message.outcome);
    wire.boolean(message.refused);
    wire.boolean(message.final);
  } else {
    converter_fields(wire, message);
  }
}

}  // namespace carrel::protocol::wire
