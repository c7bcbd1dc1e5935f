#include "streamer/transcode/resampler.hpp"

#include <array>
#include <numeric>

#include "streamer/transcode/libav.hpp"

namespace carrel::streamer {
namespace {

constexpr std::size_t kMostChannels = 6;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

}  // namespace

struct Resampler::Parts {
  std::uint32_t from = 0, to = 0;
  libav::Swr swr;  // null: the rates are the same
  std::int64_t first_in = 0;
  std::int64_t early = 0;  // samples to come out before the first that is wanted
  Planes ready;
};

Resampler::Resampler(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;
Resampler::~Resampler() = default;

Result<Resampler> Resampler::make(std::uint32_t from, std::uint32_t to, std::size_t channels,
                                  std::int64_t first_out) {
  auto parts = std::make_unique<Parts>();
  parts->from = from;
  parts->to = to;
  if (from == to) {
    parts->first_in = first_out;
    return Resampler(std::move(parts));
  }
  constexpr std::int64_t taps = 64;  // more than the filter has on both sides
  const std::int64_t common = std::gcd(from, to);
  const std::int64_t step_in = from / common, step_out = to / common;
  const std::int64_t ahead = taps * (1 + from / to);
  const std::int64_t wanted = floor_divide(first_out * from, to) - ahead;
  const std::int64_t steps = floor_divide(wanted, step_in);
  parts->first_in = steps * step_in;
  parts->early = first_out - steps * step_out;
  parts->ready = Planes(channels);

  AVChannelLayout layout{};
  av_channel_layout_default(&layout, static_cast<int>(channels));
  SwrContext* swr = nullptr;
  const int made = swr_alloc_set_opts2(&swr, &layout, AV_SAMPLE_FMT_FLTP, static_cast<int>(to), &layout,
                                       AV_SAMPLE_FMT_FLTP, static_cast<int>(from), 0, nullptr);
  av_channel_layout_uninit(&layout);
  parts->swr.reset(swr);
  if (made < 0 || channels > kMostChannels || av_opt_set_int(swr, "exact_rational", 1, 0) < 0 ||
      swr_init(swr) < 0)
    return make_error(ErrorKind::internal, "the resampler cannot be made");
  return Resampler(std::move(parts));
}

std::int64_t Resampler::first_in() const {
  return parts_->first_in;
}

void Resampler::feed(const Planes& in, Planes& out) {
  if (!parts_->swr) {
    out.append(in, 0, in.size());
    return;
  }
  Planes& ready = parts_->ready;
  const int most = swr_get_out_samples(parts_->swr.get(), static_cast<int>(in.size()));
  ready.resize(static_cast<std::size_t>(std::max(most, 0)));
  std::array<std::uint8_t*, kMostChannels> to{};
  std::array<const std::uint8_t*, kMostChannels> from{};
  for (std::size_t c = 0; c < in.channels(); ++c) {
    to[c] = reinterpret_cast<std::uint8_t*>(ready.row(c).data());
    from[c] = reinterpret_cast<const std::uint8_t*>(in.row(c).data());
  }
  const int got =
      swr_convert(parts_->swr.get(), to.data(), std::max(most, 0), from.data(), static_cast<int>(in.size()));
  auto count = static_cast<std::int64_t>(std::max(got, 0));
  if (got < 0) {
    // What cannot be resampled is silent. It has its length, or who waits for so many samples would for ever.
    count = (static_cast<std::int64_t>(in.size()) * parts_->to + parts_->from - 1) / parts_->from;
    ready.resize(static_cast<std::size_t>(count));
    ready.silence(0, static_cast<std::size_t>(count));
  }
  const std::int64_t skipped = std::min(count, parts_->early);
  parts_->early -= skipped;
  out.append(ready, static_cast<std::size_t>(skipped), static_cast<std::size_t>(count - skipped));
}

}  // namespace carrel::streamer
