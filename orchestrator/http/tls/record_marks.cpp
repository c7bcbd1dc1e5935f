#include "orchestrator/http/tls/record_marks.hpp"

#include <algorithm>

namespace carrel::http::tls {

void RecordMarks::add(std::uint64_t sent, std::uint64_t plain) {
  if (marks_.size() == kMost) {
    marks_.back() = Mark{sent, plain};
  } else {
    marks_.push_back(Mark{sent, plain});
  }
}

std::uint64_t RecordMarks::acknowledged(std::uint64_t sent) {
  while (!marks_.empty() && marks_.front().sent <= sent) {
    done_ = marks_.front();
    marks_.pop_front();
  }
  std::uint64_t plain = done_.plain;
  if (!marks_.empty() && sent > done_.sent) {
    plain = std::min(done_.plain + (sent - done_.sent), marks_.front().plain);
  }
  within_ = std::max(within_, plain);
  return within_;
}

}  // namespace carrel::http::tls
