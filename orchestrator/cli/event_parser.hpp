#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "orchestrator/cli/api.hpp"

namespace carrel::cli {

/// Takes a text/event-stream apart, however its bytes are cut (HTML standard, section 9.2.6). Ids and retry
/// times are not used; comments are skipped.
class EventParser {
 public:
  explicit EventParser(std::function<bool(const ServerEvent&)> take) : take_(std::move(take)) {}

  /// False: an event was refused, or a line is longer than 1 MiB, which no daemon sends.
  [[nodiscard]] bool feed(std::string_view bytes);

 private:
  [[nodiscard]] bool end_line();

  std::function<bool(const ServerEvent&)> take_;
  std::string line_;
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace carrel::cli
