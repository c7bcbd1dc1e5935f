#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "orchestrator/sandbox/docker/docker_engine.hpp"
#include "tests/unit/engine/run.hpp"

namespace carrel::test {

/// The real engine (DOCKER_HOST when that names a Unix socket), a tiny image, and containers of this run's
/// own label, all removed at the end.
class DockerBench {
 public:
  DockerBench();
  ~DockerBench();
  DockerBench(const DockerBench&) = delete;
  DockerBench& operator=(const DockerBench&) = delete;

  template <class T>
  T run(boost::asio::awaitable<T> call) {
    return test::run(io_, std::move(call));
  }
  [[nodiscard]] sandbox::Engine& engine() { return *engine_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] const std::string& image() const { return image_; }
  [[nodiscard]] const sandbox::Labels& labels() const { return labels_; }

  /// A spec with this run's label and some limits.
  [[nodiscard]] sandbox::ContainerSpec spec(std::vector<std::string> command);
  /// Created and started; its id.
  [[nodiscard]] std::string started(sandbox::ContainerSpec spec);

 private:
  void import_image();

  boost::asio::io_context io_;
  std::string socket_;
  std::string image_;
  sandbox::Labels labels_;
  int made_ = 0;
  std::unique_ptr<sandbox::Engine> engine_;
};

}  // namespace carrel::test
