// Converters: one job, one sandbox, with the program that has decoders of pictures in it. A film that takes
// its converter over can spoil nothing but its own pictures.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/remedies.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::sandbox {

namespace asio = boost::asio;

namespace {

// A picture may need all those since the last sync sample decoded, of the largest films, on a slow machine.
constexpr std::chrono::seconds kPicturesLimit{60};
constexpr std::chrono::seconds kPictureLimit{10};
constexpr std::uint64_t kMostPictureBytes = 64U << 20;

// A converter that claims progress for ever is ended all the same.
constexpr std::chrono::hours kConvertLimit{1};
constexpr int kSlowest = 60;  // times the film's duration

// Rate control holds the rate over seconds, not over each; a film without a known end is bounded too.
constexpr std::uint64_t kSlackBytes = 256U << 20;
constexpr std::uint64_t kMostVariantBytes = std::uint64_t{256} << 30;
constexpr std::uint64_t kUnboundedRate = 100'000'000;
constexpr std::uint64_t kBitsPerByte = 8;

std::uint64_t most_bytes(const Conversion& conversion) {
  const std::uint64_t rate =
      conversion.request.bits_per_second != 0 ? conversion.request.bits_per_second : kUnboundedRate;
  const auto seconds = static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(conversion.duration).count(), 0));
  if (seconds > kMostVariantBytes / (rate / kBitsPerByte + 1)) return kMostVariantBytes;
  return std::min(2 * seconds * (rate / kBitsPerByte + 1) + kSlackBytes, kMostVariantBytes);
}

Error died(const char* work) {
  return make_error(ErrorKind::unavailable, std::string("the converter died while it ") + work);
}

}  // namespace

void Cancellation::cancel() {
  asked_ = true;
  if (const auto converter = converter_.lock())
    converter->end(Ending{Reason::admin, "its job was cancelled"});
}

asio::awaitable<Result<protocol::PicturesMade>> Sandboxes::pictures(UniqueFd film, UniqueFd index,
                                                                    UniqueFd out,
                                                                    protocol::Pictures request) {
  const Result<Living> converter = launch_converter(kMostPictureBytes);
  if (converter.has_error()) co_return converter.error();
  auto files = std::make_shared<std::vector<UniqueFd>>();
  files->push_back(std::move(film));
  files->push_back(std::move(index));
  files->push_back(std::move(out));
  Result<protocol::PicturesMade> made = co_await pictures_in(*converter, files, std::move(request));
  const bool failed = made.has_error();
  const Result<void> left = co_await leave_converter(*converter, failed);
  if (left.has_error()) co_return left.error();
  co_return made;
}

asio::awaitable<Result<protocol::Converted>> Sandboxes::convert(Conversion conversion) {
  const auto job = std::make_shared<Conversion>(std::move(conversion));
  const auto cancelled = [job] { return job->cancellation && job->cancellation->asked(); };
  const Error conflict = make_error(ErrorKind::conflict, "the conversion was cancelled");
  if (cancelled()) co_return conflict;
  const Result<Living> converter = launch_converter(most_bytes(*job));
  if (converter.has_error()) co_return converter.error();
  if (job->cancellation) job->cancellation->converter_ = *converter;
  Result<protocol::Converted> made = co_await convert_in(*converter, job);
  const bool failed = made.has_error();
  const Result<void> left = co_await leave_converter(*converter, failed);
  if (left.has_error()) co_return left.error();
  if (failed && cancelled()) co_return conflict;
  co_return made;
}

Result<std::shared_ptr<Sandbox>> Sandboxes::launch_converter(std::uint64_t max_file_bytes) {
  SessionLimits limits = limits_of({});
  limits.memory_bytes = options_.converter.memory_bytes;
  limits.cpus = options_.converter.cpus;
  // Films are made anew while nobody waits for it: somebody who comes to watch still finds a place, be it
  // that of a warm sandbox.
  Census census = count_living();
  const bool warm = std::ranges::any_of(warm_, [this](const auto& one) {
    return !offered_.contains(one.first) && !one.second->ending().is_set();
  });
  Result<void> place;
  if (!warm) {
    const SessionLimits viewer = limits_of({});
    census.promised.cpus += viewer.cpus;
    census.promised.memory_bytes += viewer.memory_bytes;
    if (living_.size() - census.ending + 1 >= options_.max_total)
      place = make_error(ErrorKind::busy, "the last booth is for who comes to watch (sandbox.max_total)");
  }
  if (place.has_value()) place = room(limits, census);
  if (place.has_error())
    return make_error(ErrorKind::busy, "there is no room for a converter: " + place.error().message);
  auto converter = launch(new_identity(Role::converter, {}, {}), {}, limits);
  // Its life begins with the loop's next turn.
  converter->max_file_bytes = static_cast<std::int64_t>(max_file_bytes);
  return converter;
}

asio::awaitable<Result<void>> Sandboxes::started(Living converter) {
  const auto deadline = Clock::now() + options_.ready_timeout;
  const bool settled = co_await converter->settled().wait_until(deadline);
  // Not the film's fault: it is tried again when the engine is better.
  if (!settled) co_return make_error(ErrorKind::busy, "no converter could be started in time");
  const auto& up = *converter->settled().value();
  if (up.has_error()) co_return make_error(ErrorKind::busy, up.error().message);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Sandboxes::leave_converter(Living converter, bool failed) {
  converter->on_convert_progress = nullptr;
  converter->end(Ending{failed ? Reason::unresponsive : Reason::done, {}});
  // Until its process is gone it could still change the files that it has open.
  const auto deadline = Clock::now() + options_.ready_timeout;
  const bool gone = co_await converter->gone().wait_until(deadline);
  if (!gone) co_return make_error(ErrorKind::busy, "a converter could not be removed");
  co_return Result<void>();
}

asio::awaitable<Result<protocol::PicturesMade>> Sandboxes::pictures_in(
    Living converter, std::shared_ptr<const std::vector<UniqueFd>> files, protocol::Pictures request) {
  const Result<void> up = co_await started(converter);
  if (up.has_error()) co_return up.error();
  const std::array descriptors{(*files)[0].get(), (*files)[1].get(), (*files)[2].get()};
  const auto count = static_cast<std::int64_t>(request.times_us.size());
  const auto pending = converter->pictures(std::move(request), descriptors);
  if (pending.has_error()) co_return pending.error();
  const auto deadline = Clock::now() + kPicturesLimit + kPictureLimit * count;
  const bool finished = co_await (*pending)->wait_until(deadline);
  if (!finished) co_return make_error(ErrorKind::timeout, "making pictures took too long and was ended");
  const auto& made = *(*pending)->value();
  if (!made) co_return died("made pictures of this film");
  co_return *made;
}

asio::awaitable<Result<protocol::Converted>> Sandboxes::convert_in(Living converter,
                                                                   std::shared_ptr<Conversion> conversion) {
  const Result<void> up = co_await started(converter);
  if (up.has_error()) co_return up.error();
  converter->on_convert_progress = conversion->on_progress;
  const std::array descriptors{conversion->film.get(), conversion->index.get(), conversion->media.get(),
                               conversion->variant_index.get(), conversion->checkpoint.get()};
  const auto pending = converter->convert(conversion->request, descriptors);
  if (pending.has_error()) co_return pending.error();
  const auto overall_deadline = Clock::now() + kConvertLimit + kSlowest * conversion->duration;
  auto progress = converter->convert_progress();
  for (;;) {
    const auto deadline = Clock::now() + options_.convert_stall;
    const bool finished = co_await (*pending)->wait_until(deadline);
    if (finished) break;
    if (converter->convert_progress() <= progress || Clock::now() > overall_deadline) {
      co_return make_error(ErrorKind::timeout, "the conversion made no progress for " +
                                                   std::to_string(options_.convert_stall.count()) +
                                                   " s and was ended");
    }
    progress = converter->convert_progress();
  }
  const auto& converted = *(*pending)->value();
  if (!converted) co_return died("made this film's picture anew");
  co_return *converted;
}

asio::awaitable<Result<std::string>> Sandboxes::converter_image() {
  const std::string name = options_.converter.image;
  const Result<ImageInfo> image = co_await engine_.image(name);
  if (image.has_error() && image.error().kind == ErrorKind::not_found) {
    co_return make_error(ErrorKind::unavailable, "the image " + name + " is not there; put it there with " +
                                                     kLoadImages + ", or name another one (converter.image)");
  }
  if (image.has_error()) co_return image.error();
  co_return image->id;
}

asio::awaitable<Result<std::string>> Sandboxes::image_for(Role role) {
  if (role == Role::converter) {
    Result<std::string> image = co_await converter_image();
    co_return image;
  }
  Result<std::string> image = co_await current_image();
  co_return image;
}

}  // namespace carrel::sandbox
