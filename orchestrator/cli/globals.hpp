#pragma once

#include <optional>
#include <string>

namespace carrel::cli {

/// The options that every command knows.
struct Globals {
  std::string socket;      ///< the daemon's admin socket; empty: looked for
  std::string url;         ///< instead of the socket: https://host[:port]
  std::string token_file;  ///< with --url
  std::string ca_file;     ///< with --url: PEM of the authority
  std::string config;      ///< carreld's TOML file; empty: ./carrel.toml or /etc/carrel/carrel.toml
  bool json = false;
  std::optional<double> watch;  ///< seconds between two looks
};

}  // namespace carrel::cli
