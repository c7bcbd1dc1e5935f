#include "converter/job/job.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "converter/convert/convert_film.hpp"
#include "converter/pictures/make_pictures.hpp"
#include "streamer/protocol/patient.hpp"

namespace carrel::converter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kProgressPeriod = std::chrono::milliseconds(500);
constexpr std::size_t kPicturesFiles = 3;
constexpr std::size_t kConvertFiles = 5;

template <class Answer>
Result<void> answer(int control, Answer made, protocol::RequestId id) {
  made.id = id;
  made.reason.resize(std::min(made.reason.size(), protocol::kMaxText));
  return protocol::send_patiently(control, made);
}

Result<void> convert(int control, const protocol::Received& received, const protocol::Convert& job) {
  // The first is told at once: what an earlier converter began is not at its beginning.
  Clock::time_point last_told = Clock::now() - kProgressPeriod;
  const auto progress = [&](std::uint64_t done_us) {
    const Clock::time_point now = Clock::now();
    if (now - last_told < kProgressPeriod) return;
    last_told = now;
    // A daemon that has gone is found out when the result is sent; a full socket says that we are alive, too.
    static_cast<void>(protocol::send(control, protocol::ConvertProgress{job.id, done_us}));
  };
  const auto& files = received.descriptors;
  const ConvertFiles named{files[0].get(), files[1].get(), files[2].get(), files[3].get(), files[4].get()};
  return answer(control, convert_film(named, job, progress), job.id);
}

}  // namespace

Result<void> run_job(int control) {
  Result<void> greeted = protocol::send_patiently(control, protocol::Hello{});
  if (!greeted) return greeted;
  const Result<protocol::Received> received = protocol::receive_patiently(control);
  if (!received) return received.error();
  const auto& files = received->descriptors;
  if (const auto* job = std::get_if<protocol::Pictures>(&received->message);
      job != nullptr && files.size() == kPicturesFiles) {
    return answer(control, make_pictures(files[0].get(), files[1].get(), files[2].get(), *job), job->id);
  }
  if (const auto* job = std::get_if<protocol::Convert>(&received->message);
      job != nullptr && files.size() == kConvertFiles) {
    return convert(control, *received, *job);
  }
  return make_error(
      ErrorKind::invalid,
      "a converter takes one Pictures message with three descriptors, or one Convert message with "
      "five, and nothing else");
}

}  // namespace carrel::converter
