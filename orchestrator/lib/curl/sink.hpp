#pragma once

#include <string_view>

#include "orchestrator/lib/curl/http.hpp"

namespace carrel::curl {

/// Where a transfer tells what happens. Called by the loop's thread only; done() is last and comes exactly
/// once.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Whether the body of a 2xx answer goes to chunk() instead of being gathered for done().
  [[nodiscard]] virtual bool streams() const noexcept = 0;
  virtual void head() = 0;
  /// False: not taken now; the loop's resume() brings the same bytes again.
  [[nodiscard]] virtual bool chunk(std::string_view bytes) = 0;
  virtual void done(Outcome outcome) = 0;
};

}  // namespace carrel::curl
