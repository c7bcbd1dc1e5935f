#include "orchestrator/observe/log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include "orchestrator/observe/error_book.hpp"
#include "orchestrator/observe/log_levels.hpp"
#include "orchestrator/observe/log_line.hpp"
#include "orchestrator/observe/sandbox_files.hpp"

namespace carrel::log {
namespace {

/// The sink's queue and thread; the last to let go of it waits until all is written.
struct Writer {
  std::shared_ptr<spdlog::sinks::dist_sink_mt> sink;
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> pool;  // last: its thread ends before the sink is closed
};

std::mutex g_mutex;
std::shared_ptr<Writer> g_writer;
std::atomic<std::uint64_t> g_dropped_before{0};

std::shared_ptr<Writer> writer() {
  const std::lock_guard lock(g_mutex);
  return g_writer;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

void write(Level level, std::string_view event, Fields fields) {
  const auto now = std::chrono::system_clock::now();
  if (level >= Level::warn) error_book().note(now, level, event, fields);
  if (!writes(level, event)) return;
  std::string line = make_line(now, level, event, fields);
  if (const auto open = writer()) {
    open->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    return;
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

spdlog::sink_ptr make_sink(const std::filesystem::path& file) {
  if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
}

/// The thread that writes is the only one that comes here, one line at a time.
class SandboxSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit SandboxSink(SandboxFiles files) : files_(std::move(files)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    files_.write({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  SandboxFiles files_;
};

class OpenSession final : public Session {
 public:
  ~OpenSession() override {
    std::shared_ptr<Writer> last;
    {
      const std::lock_guard lock(g_mutex);
      last = std::exchange(g_writer, nullptr);
    }
    set_levels({});
    g_dropped_before += last->pool->overrun_counter();
    last->logger->flush();
  }
};

}  // namespace

std::optional<Level> parse_level(std::string_view word) noexcept {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (word == word_of(level)) return level;
  }
  return std::nullopt;
}

void debug(std::string_view event, Fields fields) {
  write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
  write(Level::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
  write(Level::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
  write(Level::error, event, fields);
}

Result<std::unique_ptr<Session>> open(const Options& options) {
  if (writer()) return make_error(ErrorKind::conflict, "the log is open already");
  auto fresh = std::make_shared<Writer>();
  try {
    fresh->sink = std::make_shared<spdlog::sinks::dist_sink_mt>();
    fresh->sink->add_sink(make_sink(options.file));
    fresh->pool = std::make_shared<spdlog::details::thread_pool>(std::max<std::size_t>(1, options.queue), 1);
    fresh->logger = std::make_shared<spdlog::async_logger>("carrel", fresh->sink, fresh->pool,
                                                           spdlog::async_overflow_policy::overrun_oldest);
  } catch (const spdlog::spdlog_ex& failed) {
    return make_error(ErrorKind::invalid,
                      "open the log " + options.file.string() + ": " + failed.what() +
                          "; name a file in a folder that exists and that this user may write to");
  }
  // The line is complete JSON when it comes here; spdlog's own layout would not escape anything.
  fresh->logger->set_pattern("%v");
  fresh->logger->set_level(spdlog::level::trace);
  fresh->logger->flush_on(spdlog::level::trace);
  set_levels({options.level, {}});
  const std::lock_guard lock(g_mutex);
  g_writer = std::move(fresh);
  return std::unique_ptr<Session>(std::make_unique<OpenSession>());
}

Result<void> keep_sandbox_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return make_error(ErrorKind::unavailable, "make " + folder.string() + ": " + error.message());
  if (const auto open = writer()) open->sink->add_sink(std::make_shared<SandboxSink>(SandboxFiles(folder)));
  return {};
}

std::uint64_t dropped() noexcept {
  const auto open = writer();
  return g_dropped_before + (open ? open->pool->overrun_counter() : 0);
}

}  // namespace carrel::log
