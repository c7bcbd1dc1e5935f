#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/cli/images/archives.hpp"

/// Packaged images in an engine. Every call blocks, with a deadline.
namespace carrel::cli::images {

/// Docker Engine's API at its socket, as far as images go.
class Engine {
 public:
  explicit Engine(std::string socket) : socket_(std::move(socket)) {}

  /// Empty: the engine does not have it, or does not answer within ten seconds.
  [[nodiscard]] std::string id_of(const std::string& name) const;
  /// Loads the image unless it is there, and gives it the tag "latest". True: it had to be loaded.
  [[nodiscard]] Result<bool> provide(const Archive& archive) const;
  /// Removes packaged images of that repository but the one with the tag `keep`; what a container uses stays.
  /// How many tags are gone.
  [[nodiscard]] Result<int> remove_others(const std::string& repository, const std::string& keep) const;

 private:
  struct Reply {
    int status = 0;
    nlohmann::json body;
  };
  static constexpr std::chrono::seconds kLoadPatience{120};
  [[nodiscard]] Result<Reply> ask(const std::string& method, const std::string& path, std::string body = {},
                                  std::chrono::seconds patience = kLoadPatience) const;

  std::string socket_;
};

/// Tags of packaged images of a repository other than `keep`, from the engine's list of images.
[[nodiscard]] std::vector<std::string> other_tags(const nlohmann::json& list, const std::string& repository,
                                                  const std::string& keep);

}  // namespace carrel::cli::images
