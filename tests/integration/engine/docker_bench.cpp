#include "tests/integration/engine/docker_bench.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "orchestrator/lib/curl/client.hpp"
#include "tests/integration/engine/tar.hpp"

namespace carrel::test {
namespace {

std::string socket_path() {
  constexpr std::string_view kUnix = "unix://";
  const char* host = std::getenv("DOCKER_HOST");
  if (host != nullptr && std::string_view(host).starts_with(kUnix)) return host + kUnix.size();
  return "/var/run/docker.sock";
}

std::string contents_of(const char* path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), "the probe is not built: " << path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

DockerBench::DockerBench()
    : socket_(socket_path()), image_("carrel-engine-test:" + std::to_string(::getpid())) {
  labels_ = {{"carrel.engine-test", std::to_string(::getpid())}};
  import_image();
  sandbox::DockerOptions options;
  options.socket = socket_;
  engine_ = sandbox::make_docker_engine(io_.get_executor(), std::move(options));
}

DockerBench::~DockerBench() {
  const auto left = run(engine_->list(labels_));
  if (left.has_value()) {
    for (const sandbox::ContainerState& one : *left) static_cast<void>(run(engine_->remove(one.id)));
  }
  curl::Client client(io_.get_executor(), {});
  curl::Request request;
  request.method = "DELETE";
  request.unix_socket = socket_;
  request.path = "/v1.40/images/" + image_ + "?force=true";
  static_cast<void>(run(client.perform(std::move(request))));
}

void DockerBench::import_image() {
  curl::Client client(io_.get_executor(), {});
  curl::Request request;
  request.method = "POST";
  request.unix_socket = socket_;
  const auto colon = image_.find(':');
  request.path = "/images/create?fromSrc=-&repo=" + image_.substr(0, colon) +
                 "&tag=" + image_.substr(colon + 1) + "&changes=ENTRYPOINT%20%5B%22%2Fprobe%22%5D";
  request.headers = {"Content-Type: application/x-tar"};
  request.body = tar_of("probe", contents_of(CARREL_PROBE));
  const auto outcome = run(client.perform(std::move(request)));
  const std::string trouble = outcome ? outcome->body : outcome.error().message;
  REQUIRE_MESSAGE((outcome && outcome->status == 200), "no image; is Docker running? " << trouble);
}

sandbox::ContainerSpec DockerBench::spec(std::vector<std::string> command) {
  sandbox::ContainerSpec spec;
  spec.name = "carrel-engine-test-" + std::to_string(::getpid()) + "-" + std::to_string(++made_);
  spec.image = image_;
  spec.command = std::move(command);
  spec.labels = labels_;
  spec.user = "65532:65532";
  spec.memory_bytes = 64U << 20;
  spec.nano_cpus = 500'000'000;
  spec.pids_limit = 16;
  spec.open_files = 256;
  return spec;
}

std::string DockerBench::started(sandbox::ContainerSpec spec) {
  const auto created = run(engine_->create(std::move(spec)));
  REQUIRE_MESSAGE(created.has_value(), created.error().message);
  const auto start = run(engine_->start(*created));
  REQUIRE_MESSAGE(start.has_value(), start.error().message);
  return *created;
}

}  // namespace carrel::test
