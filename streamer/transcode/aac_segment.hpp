#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "streamer/index/view.hpp"
#include "streamer/package/package.hpp"
#include "streamer/respond/body.hpp"
#include "streamer/transcode/aac_job.hpp"
#include "streamer/transcode/aac_plan.hpp"

namespace carrel::streamer {

/// How bytes of a film come into memory.
using ReadFilm = std::function<Result<std::string>(int film, const Pieces&)>;

/// One segment of AAC: made when a byte of it is first needed, in turns, and kept while it is referred to.
class AacSegmentMaker : public BodyMaker {
 public:
  AacSegmentMaker(std::shared_ptr<const IndexView> index, std::uint32_t track, const AacPlan& plan,
                  std::uint32_t segment, ReadFilm read);
  ~AacSegmentMaker() override;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  [[nodiscard]] bool prepared() const override { return !made_.empty(); }
  [[nodiscard]] Result<void> prepare(int film, std::chrono::steady_clock::time_point until) override;
  [[nodiscard]] Result<void> make(int film, std::uint64_t offset, std::span<char> into) override;

 private:
  struct Order;
  std::unique_ptr<Order> order_;  ///< null once it is made
  std::uint64_t bytes_;
  std::string made_;
};

}  // namespace carrel::streamer
