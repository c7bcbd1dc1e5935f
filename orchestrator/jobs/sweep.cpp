#include "orchestrator/jobs/sweep.hpp"

#include <string>
#include <vector>

namespace carrel::jobs {

boost::asio::awaitable<Result<void>> sweep_gone(library::Library& library, Jobs& jobs, Pictures& pictures,
                                                std::int64_t before) {
  const Result<std::vector<std::string>> gone = co_await library.gone_before(before);
  if (gone.has_error()) co_return gone.error();
  Result<void> result;
  for (const std::string& video : *gone) {
    if (library.find(video)) continue;
    co_await jobs.remove_film(video);
    co_await pictures.remove_film(video);
    const Result<void> removed = co_await library.remove_index(video);
    if (removed.has_error()) result = removed;
  }
  co_return result;
}

}  // namespace carrel::jobs
