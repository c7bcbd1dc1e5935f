#include "orchestrator/making.hpp"

#include <utility>

#include "orchestrator/converters.hpp"
#include "orchestrator/observe/log.hpp"
#include "orchestrator/observers.hpp"
#include "orchestrator/part_options.hpp"

namespace carrel {

namespace asio = boost::asio;

Result<MadeFolders> open_made_folders(const DataDirectories& data) {
  auto variants = jobs::Folder::open(data.variants);
  if (variants.has_error()) return variants.error();
  auto pictures = jobs::Folder::open(data.pictures);
  if (pictures.has_error()) return pictures.error();
  return MadeFolders{std::move(*variants), std::move(*pictures)};
}

Making::Making(asio::any_io_executor executor, const Parts& parts, const config::Config& config,
               MadeFolders folders)
    : variants(
          executor, parts.store, std::move(folders.variants), [this] { jobs.wake(); },
          [](const Error& error) {
            log::warn("variants.failed", {{"reason", error.message}});
          }),
      jobs(executor, parts.store, parts.library, variants, jobs_options(config), convert_in(parts.sandboxes),
           jobs_observer(parts.metrics, parts.feed)),
      pictures(executor, parts.library, std::move(folders.pictures), pictures_options(config),
               make_pictures_in(parts.sandboxes), pictures_observer(parts.metrics)) {}

asio::awaitable<Result<void>> Making::load() {
  const Result<void> known = co_await jobs.load();
  if (known.has_error()) co_return known;
  const Result<void> counted = co_await pictures.load();
  co_return counted;
}

void Making::start() {
  jobs.start();
  pictures.start();
}

void Making::stop() {
  jobs.stop();
  pictures.stop();
}

void Making::wake() {
  jobs.wake();
  pictures.wake();
}

}  // namespace carrel
