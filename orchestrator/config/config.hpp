#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "orchestrator/config/network.hpp"

namespace carrel::config {

/// What a plan of carrel-hwtune promises; its settings are in the keys.
struct TakenPlan {
  std::string machine;
  std::uint64_t processors = 0;
  std::uint64_t memory = 0;  ///< bytes
  std::uint64_t sessions = 0;
  std::uint64_t conversions = 0;
  std::string limited_by;
  double mbit = 0;
  bool measured = false;
};

/// Everything an administrator can set. Each member is one key of the TOML file, `section.key`, and one
/// variable of the environment, CARREL_SECTION_KEY. Read once at start, then passed around as a value.
struct Config {
  struct Http {
    std::string listen = "127.0.0.1:8080";  ///< address:port; [::1]:8080 for IPv6; port 0 picks a free one
    std::uint32_t max_connections = 1024;
    std::uint32_t header_bytes = 16 * 1024;
    std::uint32_t body_bytes = 64 * 1024;
    std::chrono::seconds header_timeout{15};
    std::chrono::seconds idle_timeout{75};
    std::chrono::seconds stall_timeout{
        900};             ///< an answer of which the client acknowledges nothing for so long ends
    std::string web_dir;  ///< built web page; empty: beside the executable
    std::filesystem::path tls_certificate;  ///< PEM, with what leads to its authority; empty: no TLS
    std::filesystem::path tls_key;          ///< PEM
    std::vector<Network> trusted_proxies;   ///< whose X-Forwarded-* are believed
    std::string base_path;                  ///< "/carrel", below which everything lies; empty: the root
  } http;
  struct Data {
    std::filesystem::path dir = "./carrel-data";
    std::uint64_t database_cache = 2ULL << 20;  ///< bytes, of each connection to the database
  } data;
  struct Library {
    std::vector<std::filesystem::path> paths;  ///< in the environment: separated by colons
    std::chrono::seconds rescan{30};
    std::uint32_t index_workers = 1;       ///< films indexed side by side
    std::chrono::seconds index_stall{30};  ///< a worker that makes no progress for so long is hung
  } library;
  struct Engine {
    std::string socket = "/var/run/docker.sock";
    std::chrono::seconds timeout{30};
  } engine;
  struct Sandbox {
    std::string image = "carrel-streamer";
    std::uint64_t memory = 512ULL << 20;  ///< bytes; "512m", "1g"
    double cpus = 0.5;
    std::int64_t pids = 16;
    std::int64_t open_files = 256;
    std::uint32_t max_total = 64;
    std::uint32_t streams = 16;  ///< answers at once in one sandbox
    std::chrono::seconds ready_timeout{20};
    std::chrono::seconds hang_timeout{20};
    std::chrono::seconds ping_every{10};
    std::chrono::seconds idle_pause{0};  ///< 0: never
    std::chrono::seconds idle_stop{std::chrono::minutes(30)};
    std::chrono::seconds idle_warning{60};
    std::chrono::seconds idle_reclaim{60};
    std::string network = "shared";  ///< or "own"
    std::uint32_t crashes = 4;       ///< within a minute, for one user or film
    std::uint32_t starts = 4;        ///< containers started at once
    std::chrono::seconds sample_every{5};
    double cpu_burst = 0;         ///< share of a period's quota; 0: none
    std::uint32_t io_weight = 0;  ///< 10 to 1000; 0: as the kernel has it
  } sandbox;
  struct Converter {
    std::string image = "carrel-converter";
    std::uint64_t memory = 1ULL << 30;  ///< bytes
    double cpus = 1.0;
    std::uint32_t io_weight = 100;  ///< 10 to 1000; 0: as the kernel has it
    std::chrono::seconds stall{60};
  } converter;
  struct Jobs {
    bool automatic = true;           ///< films that do not play are converted without being asked for
    std::vector<std::string> rungs;  ///< "720p", …: made of every film that has more lines
    std::uint32_t workers = 1;       ///< conversions side by side
    std::uint32_t tries = 3;
  } jobs;
  struct Variants {
    std::uint64_t max_bytes = 100ULL << 30;
  } variants;
  struct Pictures {
    std::uint64_t max_bytes = 1ULL << 30;
    bool ahead = true;  ///< posters are made before anybody asks
    std::uint32_t workers = 2;
  } pictures;
  struct Admission {
    std::uint32_t line = 64;  ///< sessions that wait for a place
    std::chrono::seconds line_wait{5};
    std::uint32_t viewers = 0;                    ///< sessions with a sandbox; 0: no bound
    double cpus = 0;                              ///< 0: no bound
    std::uint64_t memory = 0;                     ///< bytes; 0: no bound
    std::uint64_t memory_reserve = 128ULL << 20;  ///< bytes; 0: none
    std::uint64_t bandwidth = 0;                  ///< bytes a second; 0: no bound
    std::filesystem::path plan;                   ///< what carrel-hwtune plan wrote; empty: none
    bool shed = true;  ///< take on less when the machine is too hot or short of memory
  } admission;
  struct Pool {
    std::uint32_t size = 0;
  } pool;
  struct Session {
    std::chrono::seconds idle{std::chrono::hours(12)};
    std::chrono::seconds absolute{std::chrono::hours(24 * 14)};
    std::chrono::seconds stream_token{std::chrono::hours(12)};
  } session;
  /// By role; a user's own overrides are in the database. Zero, except for bandwidth: as the section sandbox
  /// has it.
  struct Limits {
    std::uint32_t viewer_sessions = 32;
    std::uint32_t viewer_streams = 0;
    std::uint64_t viewer_memory = 0;
    double viewer_cpus = 0;
    std::uint64_t viewer_bandwidth = 0;  ///< bytes a second of a session; 0: no bound
    std::uint32_t admin_sessions = 256;
    std::uint32_t admin_streams = 0;
    std::uint64_t admin_memory = 0;
    double admin_cpus = 0;
    std::uint64_t admin_bandwidth = 0;
    std::string when_full = "refuse";  ///< or replace-oldest
  } limits;
  struct Audit {
    std::chrono::seconds keep{std::chrono::hours(24 * 90)};
  } audit;
  struct Backup {
    std::uint32_t keep = 30;
  } backup;
  struct Admin {
    std::string socket = "run/admin.sock";  ///< relative to data.dir; empty: none
    std::string user = "admin";
    std::string password;  ///< empty: made up at first start and printed once
  } admin;
  struct Log {
    std::string level = "info";       ///< debug, info, warn, error
    std::vector<std::string> levels;  ///< "sandbox=debug": other levels for parts
    bool sandbox_files = false;       ///< a sandbox's lines also go to a file of its own
  } log;

  /// No key: what the file of `admission.plan` says of itself.
  std::optional<TakenPlan> taken_plan;
};

}  // namespace carrel::config
