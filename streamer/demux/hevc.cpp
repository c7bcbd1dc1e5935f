#include "streamer/demux/bitstream.hpp"
#include "streamer/demux/configured_sets.hpp"
#include "streamer/demux/light.hpp"
#include "streamer/demux/nal.hpp"

namespace carrel::streamer {
namespace {

// ITU-T H.265 table 7-1
constexpr unsigned kRaslN = 8, kRaslR = 9, kFirstBla = 16, kLastIdr = 20, kCra = 21, kVps = 32, kSps = 33,
                   kPps = 34, kSei = 39;
constexpr std::size_t kHeaderBytes = 2;

unsigned type_of(Bytes nal) {
  return std::to_integer<unsigned>(nal.front()) >> 1 & 0x3f;
}

class Hevc : public Bitstream {
 public:
  Hevc(std::size_t length_bytes, ParameterSets sets, Light light)
      : length_bytes_(length_bytes), sets_(std::move(sets)), light_(std::move(light)) {}

  /// Pictures that follow a CRA picture and refer to what came before it are marked (RASL).
  Entry classify(Bytes sample) override {
    Entry entry = Entry::none;
    NalReader nals(sample, length_bytes_);
    while (const auto nal = nals.next()) {
      if (nal->empty()) continue;
      const unsigned type = type_of(*nal);
      if (type >= kFirstBla && type <= kLastIdr) entry = Entry::sync;
      if (type == kCra) entry = Entry::doubtful;
      if (type == kRaslN || type == kRaslR) entry = Entry::leading;
      if (type == kVps || type == kSps || type == kPps) sets_.meet(*nal);
      if (type == kSei) light_.meet_sei(*nal, kHeaderBytes);
    }
    sets_.first_sample_ended();
    return entry;
  }

  void complete(TrackInfo& info, double /*frames_per_second*/) const override { light_.complete(info); }

  [[nodiscard]] bool parameters_change() const override { return sets_.changed(); }

 private:
  std::size_t length_bytes_;
  ParameterSets sets_;
  Light light_;
};

}  // namespace

std::unique_ptr<Bitstream> make_hevc(const std::string& config) {
  const auto found = configured_sets(Codec::hevc, config);
  if (!found) return nullptr;
  ParameterSets sets;
  Light light;
  for (const Bytes nal : found->units) {
    sets.add(nal);
    if (!nal.empty() && type_of(nal) == kSei) light.meet_sei(nal, kHeaderBytes);
  }
  return std::make_unique<Hevc>(found->length_bytes, std::move(sets), std::move(light));
}

}  // namespace carrel::streamer
