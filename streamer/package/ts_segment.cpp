#include <algorithm>
#include <memory>

#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/package/ts_plan.hpp"
#include "streamer/respond/read_pieces.hpp"

namespace carrel::streamer {
namespace {

constexpr const char* kTsType = "video/mp2t";

/// Makes packets from the film's samples, one PES packet in memory at a time.
class TsMaker : public BodyMaker {
 public:
  TsMaker(std::shared_ptr<const IndexView> index, TsPlan plan, TsLayout layout, std::uint32_t segment)
      : index_(std::move(index)), plan_(std::move(plan)), layout_(std::move(layout)), segment_(segment) {}

  Result<void> make(int film, std::uint64_t offset, std::span<char> into) override {
    while (!into.empty()) {
      packet_.clear();
      const Result<void> made = make_packet(film, static_cast<std::uint32_t>(offset / kTsPacket));
      if (!made) return made;
      const std::size_t inside = offset % kTsPacket;
      const std::size_t count = std::min(kTsPacket - inside, into.size());
      packet_.copy(into.data(), count, inside);
      into = into.subspan(count);
      offset += count;
    }
    return {};
  }

 private:
  Result<void> make_packet(int film, std::uint32_t number) {
    if (number < 2) {
      make_table(number);
      return {};
    }
    const auto after = std::ranges::upper_bound(layout_.units, number, {}, &TsUnit::first_packet);
    const TsUnit& unit = *(after - 1);
    if (unit.kind == TsUnit::Kind::clock) {
      append_pcr(packet_, unit.run.pid, unit.run.continuity, *unit.run.pcr);
      return {};
    }
    if (held_ != &unit) {
      held_ = nullptr;
      const Result<void> made = make_pes(film, unit);
      if (!made) return made;
      held_ = &unit;
    }
    append_packet(packet_, unit.run, number - unit.first_packet, pes_);
    return {};
  }

  void make_table(std::uint32_t number) {
    const TsStream* picture = plan_.picture == nullptr ? nullptr : &plan_.picture_stream;
    const TsStream* sound = plan_.sound == nullptr ? nullptr : &plan_.sound_stream;
    if (number == 0) {
      append_pat(packet_, segment_);
    } else {
      append_pmt(packet_, segment_, picture != nullptr ? picture->pid : sound->pid, picture, sound);
    }
  }

  Result<void> make_pes(int film, const TsUnit& unit) {
    const bool picture = unit.kind == TsUnit::Kind::picture;
    const TsStream& stream = picture ? plan_.picture_stream : plan_.sound_stream;
    const std::size_t payload = unit.run.bytes - pes_header_bytes(unit.pts, unit.dts);
    pes_ = pes_header(stream, payload, unit.pts, unit.dts);
    for (const SampleRecord& sample : unit.samples) {
      Pieces pieces;
      const auto appended = append_sample(pieces, *index_, picture ? *plan_.picture : *plan_.sound, sample);
      if (!appended) return appended;
      auto bytes = read_pieces(film, pieces);
      if (!bytes) return bytes.error();
      if (picture) {
        plan_.annexb.append(pes_, std::move(*bytes), unit.run.entry);
      } else {
        if (plan_.adts) pes_ += plan_.adts->header(bytes->size());
        pes_ += *bytes;
      }
    }
    return {};
  }

  std::shared_ptr<const IndexView> index_;
  TsPlan plan_;
  TsLayout layout_;
  std::uint32_t segment_;
  const TsUnit* held_ = nullptr;  ///< whose PES packet pes_ is
  std::string pes_, packet_;
};

}  // namespace

Result<Packaged> package_ts_segment(const std::shared_ptr<const IndexView>& index, std::uint32_t track,
                                    std::uint32_t segment) {
  auto plan = plan_ts(*index, track);
  if (!plan) return plan.error();
  if (segment >= plan->segments.size()) return no_segment(track, segment);
  auto layout = lay_out(*index, *plan, segment);
  if (!layout) return layout.error();
  const std::uint64_t bytes = std::uint64_t{layout->packets} * kTsPacket;
  Packaged packaged{kTsType, {}};
  packaged.body.emplace_back(
      LaterBytes{std::make_shared<TsMaker>(index, std::move(*plan), std::move(*layout), segment), 0, bytes});
  return packaged;
}

}  // namespace carrel::streamer
