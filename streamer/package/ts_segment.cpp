#include <algorithm>
#include <memory>

#include "streamer/package/missing.hpp"
#include "streamer/package/package.hpp"
#include "streamer/package/sample_bytes.hpp"
#include "streamer/package/ts_layout.hpp"
#include "streamer/respond/read_pieces.hpp"

namespace carrel::streamer {
namespace {

constexpr const char* kTsType = "video/mp2t";

/// Makes packets from the film's samples and frames that are made, one PES packet in memory at a time.
class TsMaker : public BodyMaker {
 public:
  /// `made`: the part's frames; null: it has none.
  TsMaker(std::shared_ptr<const IndexView> index, std::shared_ptr<const TsPlan> plan, TsPart part,
          std::uint32_t segment, std::shared_ptr<SoundFrames> made)
      : index_(std::move(index)),
        plan_(std::move(plan)),
        part_(std::move(part)),
        segment_(segment),
        made_(std::move(made)) {}

  bool prepared() const override { return made_ == nullptr || made_->made(); }
  Result<void> prepare(int film, std::chrono::steady_clock::time_point until) override {
    return prepared() ? Result<void>() : made_->make(film, until);
  }

  Result<void> make(int film, std::uint64_t offset, std::span<char> into) override {
    const Result<void> prepared = prepare(film, std::chrono::steady_clock::time_point::max());
    if (!prepared) return prepared;
    if (made_ != nullptr && !settled_) settle(part_, made_->frames());
    settled_ = true;
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
    if (part_.with_tables && number < kTsTables) {
      make_table(number);
      return {};
    }
    const auto after = std::ranges::upper_bound(part_.units, number, {}, &TsUnit::first_packet);
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
    const TsStream* picture = plan_->picture == nullptr ? nullptr : &plan_->picture_stream;
    const TsStream* sound = plan_->sound == nullptr ? nullptr : &plan_->sound_stream;
    if (number == 0) {
      append_pat(packet_, segment_);
    } else {
      append_pmt(packet_, segment_, picture != nullptr ? picture->pid : sound->pid, picture, sound);
    }
  }

  Result<void> make_pes(int film, const TsUnit& unit) {
    const bool picture = unit.kind == TsUnit::Kind::picture;
    const TsStream& stream = picture ? plan_->picture_stream : plan_->sound_stream;
    const std::size_t payload = unit.run.bytes - pes_header_bytes(unit.pts, unit.dts);
    pes_ = pes_header(stream, payload, unit.pts, unit.dts);
    for (std::uint32_t i = 0; i < unit.frames.count; ++i)
      add_sound(made_->frames()[unit.frames.first - part_.frames.first + i]);
    for (const SampleRecord& sample : unit.samples) {
      Pieces pieces;
      const auto appended = append_sample(pieces, *index_, picture ? *plan_->picture : *plan_->sound, sample);
      if (!appended) return appended;
      auto bytes = read_pieces(film, pieces);
      if (!bytes) return bytes.error();
      if (picture) {
        plan_->annexb.append(pes_, std::move(*bytes), unit.run.entry);
      } else {
        add_sound(*bytes);
      }
    }
    return {};
  }

  void add_sound(std::string_view frame) {
    if (plan_->adts) pes_ += plan_->adts->header(frame.size());
    pes_ += frame;
  }

  std::shared_ptr<const IndexView> index_;
  std::shared_ptr<const TsPlan> plan_;
  TsPart part_;
  std::uint32_t segment_;
  std::shared_ptr<SoundFrames> made_;
  bool settled_ = false;
  const TsUnit* held_ = nullptr;  ///< whose PES packet pes_ is
  std::string pes_, packet_;
};

}  // namespace

Result<Packaged> package_ts_segment(const std::shared_ptr<const IndexView>& index, std::uint32_t track,
                                    std::uint32_t segment, const FrameSource& frames) {
  auto planned = plan_ts(*index, track);
  if (!planned) return planned.error();
  if (segment >= planned->segments.size()) return no_segment(track, segment);
  auto parts = lay_out(*index, *planned, segment);
  if (!parts) return parts.error();
  const auto plan = std::make_shared<const TsPlan>(std::move(*planned));
  Packaged packaged{kTsType, {}};
  for (TsPart& part : *parts) {
    const std::uint64_t bytes = std::uint64_t{part.packets} * kTsPacket;
    std::shared_ptr<SoundFrames> made;
    if (part.frames.count > 0) made = frames(plan->sound_number, *plan->made, part.frames);
    packaged.body.emplace_back(LaterBytes{
        std::make_shared<TsMaker>(index, plan, std::move(part), segment, std::move(made)), 0, bytes});
  }
  return packaged;
}

}  // namespace carrel::streamer
