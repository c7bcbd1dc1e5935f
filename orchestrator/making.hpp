#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "orchestrator/config/config.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/jobs/variants.hpp"
#include "orchestrator/library/library.hpp"
#include "orchestrator/observe/event_feed.hpp"
#include "orchestrator/observe/metrics.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel {

struct MadeFolders {
  jobs::Folder variants;
  jobs::Folder pictures;
};

[[nodiscard]] Result<MadeFolders> open_made_folders(const DataDirectories& data);

/// Everything that makes something of films: converted ones and pictures. I/O thread only; what it is given
/// outlives it.
struct Making {
  struct Parts {
    store::Store& store;
    library::Library& library;
    sandbox::Sandboxes& sandboxes;
    observe::Metrics& metrics;
    observe::EventFeed& feed;
  };
  Making(boost::asio::any_io_executor executor, const Parts& parts, const config::Config& config,
         MadeFolders folders);

  boost::asio::awaitable<Result<void>> load();
  /// Once sandboxes of an earlier daemon are taken over or gone.
  void start();
  void stop();
  /// The library has changed.
  void wake();

  jobs::Variants variants;
  jobs::Jobs jobs;
  jobs::Pictures pictures;
};

}  // namespace carrel
