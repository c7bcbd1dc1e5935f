#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/library/library.hpp"
#include "tests/support/index_begin.hpp"
#include "tests/support/temporary_directory.hpp"

namespace carrel::library::test {

/// A library of one folder, run until `stop` is called.
class Bench {
 public:
  Bench() : store_(store::Store::open(folder_.path() / "data").value()) {
    std::filesystem::create_directories(folder_.path() / "films");
    std::filesystem::create_directories(folder_.path() / "indexes");
  }

  /// Older than a file that may still be written to.
  void write(const std::string& name, const std::string& content) {
    const std::filesystem::path file = folder_.write("films/" + name, content);
    std::filesystem::last_write_time(file,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }

  /// `indexed` is called after each film that was indexed, whatever became of it.
  void run(std::function<void(const Video&)> indexed) {
    LibraryOptions options;
    options.roots = {films()};
    options.index_directory = folder_.path() / "indexes";
    options.rescan = std::chrono::seconds(1);
    LibraryObserver observer;
    observer.on_indexed = [&](const Video& video, double) { indexed(video); };
    observer.on_error = on_error;
    auto index_film = [this](std::vector<UniqueFd> files, protocol::Index request) {
      return index(std::move(files), std::move(request));
    };
    library_ =
        std::make_unique<Library>(io_.get_executor(), *store_, std::move(options), index_film, observer);
    boost::asio::co_spawn(io_, load(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io_.run_for(std::chrono::seconds(50));
    CHECK_MESSAGE(io_.stopped(), "the library did not come to what was waited for");
  }

  void stop() {
    library_->stop();
    io_.stop();
  }
  Library& library() { return *library_; }
  boost::asio::io_context& io() { return io_; }
  store::Store& store() { return *store_; }
  [[nodiscard]] std::filesystem::path films() const { return folder_.path() / "films"; }
  [[nodiscard]] std::filesystem::path indexes() const { return folder_.path() / "indexes"; }

  std::vector<protocol::Index> asked;
  std::vector<std::size_t> descriptors;
  bool dies_of_sidecars = false;
  std::deque<Error> fails;  ///< with these, one a film, before it can again
  std::function<void(const Error&)> on_error;

 private:
  boost::asio::awaitable<void> load() {
    const Result<void> loaded = co_await library_->load();
    CHECK(loaded.has_value());
    library_->start();
  }

  boost::asio::awaitable<Result<protocol::Indexed>> index(std::vector<UniqueFd> files,
                                                          protocol::Index request) {
    descriptors.push_back(files.size());
    asked.push_back(request);
    if (dies_of_sidecars && !request.sidecars.empty())
      co_return make_error(ErrorKind::unavailable, "the worker sandbox died");
    if (!fails.empty()) {
      Error error = std::move(fails.front());
      fails.pop_front();
      co_return error;
    }
    const std::string made = support::index_with("");
    CHECK(::write(files.at(1).get(), made.data(), made.size()) == static_cast<ssize_t>(made.size()));
    protocol::Indexed indexed;
    indexed.readable = indexed.playable = true;
    co_return indexed;
  }

  support::TemporaryDirectory folder_;
  boost::asio::io_context io_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Library> library_;
};

}  // namespace carrel::library::test
