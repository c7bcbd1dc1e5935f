#include "orchestrator/config/keys.hpp"

#include <vector>

#include "orchestrator/config/key_forms.hpp"

namespace carrel::config {
namespace {

using std::chrono::seconds;
constexpr seconds second{1};
constexpr seconds minute{60};
constexpr seconds hour{3600};
constexpr seconds day{86400};
constexpr std::uint64_t kib = 1 << 10;
constexpr std::uint64_t mib = 1 << 20;
constexpr std::size_t max_socket_path = 107;  // sun_path of unix(7), less the terminator

std::vector<Key> make_table() {
  using C = Config;
  std::vector<Key> t;

  t.push_back(form::listen(
      "http.listen", &C::http, &C::Http::listen,
      "Where the web page and the streams are served. `[::1]:8080` for IPv6; port 0 picks a free one."));
  t.push_back(form::count("http.max_connections", &C::http, &C::Http::max_connections, 1, 65535,
                          "Connections at once; further ones wait to be accepted."));
  t.push_back(form::size("http.header_bytes", &C::http, &C::Http::header_bytes, kib, 48 * kib,
                         "The largest request head."));
  t.push_back(form::size("http.body_bytes", &C::http, &C::Http::body_bytes, kib, 16 * mib,
                         "The largest request body."));
  t.push_back(form::duration("http.header_timeout", &C::http, &C::Http::header_timeout, second, 10 * minute,
                             "How long a client may take to send a request."));
  t.push_back(form::duration("http.idle_timeout", &C::http, &C::Http::idle_timeout, second, hour,
                             "How long a connection may wait for its next request."));
  t.push_back(form::duration(
      "http.stall_timeout", &C::http, &C::Http::stall_timeout, second, day,
      "An answer of which the client acknowledges nothing for so long ends; a paused player keeps "
      "its connection until then."));
  t.push_back(form::path("http.web_dir", &C::http, &C::Http::web_dir, 0, max_path,
                         "The built web page. Empty: beside the executable, or installed with it."));
  t.push_back(form::path("http.tls_certificate", &C::http, &C::Http::tls_certificate, 0, max_path,
                         "A certificate in PEM, followed by those that lead to its authority. With it "
                         "`http.listen` speaks HTTPS alone. Empty: plain HTTP. Read anew on SIGHUP, but to "
                         "begin with it, or to end it, takes a restart."));
  t.push_back(form::path("http.tls_key", &C::http, &C::Http::tls_key, 0, max_path,
                         "The certificate's private key, in PEM, without a passphrase."));
  t.push_back(form::networks(
      "http.trusted_proxies", &C::http, &C::Http::trusted_proxies,
      "Addresses and networks, such as `127.0.0.1` or `10.0.0.0/8`, whose "
      "`X-Forwarded-For`, `-Proto` and `-Host` are believed. In a variable they are separated by commas."));
  t.push_back(
      form::base_path("http.base_path", &C::http, &C::Http::base_path,
                      "Where a proxy puts Carrel on its host, such as `/carrel`. Empty: at the root."));

  t.push_back(form::path("data.dir", &C::data, &C::Data::dir, 1, max_path,
                         "The database, the indexes and the control sockets; private to the daemon's user."));
  t.push_back(form::size("data.database_cache", &C::data, &C::Data::database_cache, 64 * kib, 1024 * mib,
                         "Memory that each of the three connections to the database may keep pages in."));

  t.push_back(form::paths("library.paths", &C::library, &C::Library::paths,
                          "Directories with films. In a variable they are separated by colons."));
  t.push_back(form::duration("library.rescan", &C::library, &C::Library::rescan, second, day,
                             "How often the directories are looked through for changes."));
  t.push_back(form::count("library.index_workers", &C::library, &C::Library::index_workers, 1, 64,
                          "Films indexed side by side, each in a sandbox of its own."));
  t.push_back(form::duration("library.index_stall", &C::library, &C::Library::index_stall, second, hour,
                             "A worker that makes no progress for so long is ended."));

  t.push_back(form::path("engine.socket", &C::engine, &C::Engine::socket, 1, max_socket_path,
                         "The Unix socket of Docker Engine, or Podman's compatible one."));
  t.push_back(form::duration("engine.timeout", &C::engine, &C::Engine::timeout, second, 10 * minute,
                             "The longest that one call to the engine may take."));

  t.push_back(form::name("sandbox.image", &C::sandbox, &C::Sandbox::image, 255, "._-/:@",
                         "The streamer's image: a tag or a digest."));
  t.push_back(form::size("sandbox.memory", &C::sandbox, &C::Sandbox::memory, 16 * mib, mib * mib,
                         "Memory of one sandbox; no swap beyond it."));
  t.push_back(
      form::fraction("sandbox.cpus", &C::sandbox, &C::Sandbox::cpus, 0.01, 1024, "CPUs of one sandbox."));
  t.push_back(form::fraction("sandbox.cpu_burst", &C::sandbox, &C::Sandbox::cpu_burst, 0, 1,
                             "CPU time that a sandbox may save up while it is idle and then use beyond "
                             "`sandbox.cpus`, as a share of what it may use in 0.1 s. 0: none."));
  t.push_back(form::count("sandbox.io_weight", &C::sandbox, &C::Sandbox::io_weight, 0, 1000,
                          "A sandbox's share of a disk, from 10 to 1000, in relation to what else uses it. "
                          "0: as the kernel has it."));
  t.push_back(form::count("sandbox.pids", &C::sandbox, &C::Sandbox::pids, 2, 4096,
                          "Processes and threads in one sandbox."));
  t.push_back(form::count("sandbox.open_files", &C::sandbox, &C::Sandbox::open_files, 32, 65536,
                          "Open descriptors in one sandbox."));
  t.push_back(form::count("sandbox.max_total", &C::sandbox, &C::Sandbox::max_total, 1, 10000,
                          "Sandboxes at once, those that wait in the pool included."));
  t.push_back(form::count("sandbox.streams", &C::sandbox, &C::Sandbox::streams, 1, 64,
                          "Answers at once in one sandbox."));
  t.push_back(form::duration("sandbox.ready_timeout", &C::sandbox, &C::Sandbox::ready_timeout, second,
                             10 * minute, "How long a sandbox may take from its start to its first word."));
  t.push_back(form::duration("sandbox.hang_timeout", &C::sandbox, &C::Sandbox::hang_timeout, second,
                             10 * minute, "A sandbox that does not answer for so long is ended."));
  t.push_back(form::duration("sandbox.sample_every", &C::sandbox, &C::Sandbox::sample_every, second, hour,
                             "How often the memory and CPU of the sandboxes are measured."));

  t.push_back(form::duration("sandbox.ping_every", &C::sandbox, &C::Sandbox::ping_every, second, hour,
                             "How often a sandbox is asked whether it lives."));
  t.push_back(
      form::duration("sandbox.idle_pause", &C::sandbox, &C::Sandbox::idle_pause, seconds(0), 365 * day,
                     "A sandbox of which nobody acknowledges bytes for so long is paused. 0: never."));
  t.push_back(form::duration(
      "sandbox.idle_stop", &C::sandbox, &C::Sandbox::idle_stop, second, 365 * day,
      "After so long it is stopped; the session lives on, and the next play brings a new one."));
  t.push_back(form::duration("sandbox.idle_warning", &C::sandbox, &C::Sandbox::idle_warning, seconds(0), day,
                             "So long before the stop the viewer is told."));
  t.push_back(
      form::duration("sandbox.idle_reclaim", &C::sandbox, &C::Sandbox::idle_reclaim, second, 365 * day,
                     "Unused for so long, a sandbox gives its place to a session that waits for one."));
  t.push_back(
      form::choice("sandbox.network", &C::sandbox, &C::Sandbox::network, {"shared", "own"}, "shared or own",
                   "Whether all sandboxes join one network namespace with nothing in it, which starts "
                   "them faster, or each has an empty one of its own."));
  t.push_back(
      form::count("sandbox.crashes", &C::sandbox, &C::Sandbox::crashes, 1, 10000,
                  "After so many crashes within a minute a user, or a film, is not tried for a while."));
  t.push_back(form::count("sandbox.starts", &C::sandbox, &C::Sandbox::starts, 1, 64,
                          "Sandboxes that are started at the same time; further ones wait for their turn."));

  t.push_back(form::name("converter.image", &C::converter, &C::Converter::image, 255, "._-/:@",
                         "The converter's image: a tag or a digest."));
  t.push_back(form::size("converter.memory", &C::converter, &C::Converter::memory, 64 * mib, mib * mib,
                         "Memory of a sandbox that makes pictures of a film, or its picture anew."));
  t.push_back(form::fraction("converter.cpus", &C::converter, &C::Converter::cpus, 0.01, 1024,
                             "CPUs of such a sandbox; it works on one thread."));
  t.push_back(
      form::count("converter.io_weight", &C::converter, &C::Converter::io_weight, 0, 1000,
                  "Its share of a disk, as `sandbox.io_weight`; that of the workers that index films, too."));
  t.push_back(form::duration("converter.stall", &C::converter, &C::Converter::stall, second, hour,
                             "A converter that makes no progress for so long is ended."));

  t.push_back(form::flag("jobs.auto", &C::jobs, &C::Jobs::automatic,
                         "Films that no browser plays are converted without anybody asking for it, as far as "
                         "there is room for them."));
  t.push_back(form::names("jobs.rungs", &C::jobs, &C::Jobs::rungs, {"720p", "480p", "360p"},
                          "list of 720p, 480p, 360p",
                          "Lower qualities that are made of every film that has more lines, as far as there "
                          "is room. Empty: only when somebody asks for one."));
  t.push_back(form::count("jobs.workers", &C::jobs, &C::Jobs::workers, 1, 64,
                          "Films that are converted side by side, each in a sandbox of its own."));
  t.push_back(form::count("jobs.tries", &C::jobs, &C::Jobs::tries, 1, 100,
                          "A job that failed so often waits for somebody to retry it."));
  t.push_back(form::size("variants.max_bytes", &C::variants, &C::Variants::max_bytes, 0, mib * mib,
                         "What converted films may take on the disk; those that were used longest ago go "
                         "first."));
  t.push_back(form::size("pictures.max_bytes", &C::pictures, &C::Pictures::max_bytes, mib, mib * mib,
                         "What posters, thumbnails and previews may take on the disk; those that were used "
                         "longest ago go first."));
  t.push_back(form::flag("pictures.ahead", &C::pictures, &C::Pictures::ahead,
                         "Posters are made when nothing else is, before anybody asks for them."));
  t.push_back(form::count("pictures.workers", &C::pictures, &C::Pictures::workers, 1, 64,
                          "Pictures that are made side by side, each in a sandbox of its own."));

  t.push_back(form::count("admission.line", &C::admission, &C::Admission::line, 0, 10000,
                          "Sessions that wait for a sandbox when there is no place."));
  t.push_back(form::duration("admission.line_wait", &C::admission, &C::Admission::line_wait, second, minute,
                             "How long a request waits in the line before it is told to come back."));
  t.push_back(form::count("admission.viewers", &C::admission, &C::Admission::viewers, 0, 10000,
                          "Sessions that have a sandbox at once; others wait. 0: as many as "
                          "`sandbox.max_total` has room for."));
  t.push_back(form::fraction("admission.cpus", &C::admission, &C::Admission::cpus, 0, 4096,
                             "CPUs that all sandboxes together may be promised. 0: no bound."));
  t.push_back(form::size("admission.memory", &C::admission, &C::Admission::memory, 0, mib * mib,
                         "Memory that all sandboxes together may be promised. 0: no bound."));
  t.push_back(form::size("admission.memory_reserve", &C::admission, &C::Admission::memory_reserve, 0,
                         mib * mib,
                         "No sandbox is started while the host has less memory available. 0: no reserve."));
  t.push_back(
      form::size("admission.bandwidth", &C::admission, &C::Admission::bandwidth, 0, mib * mib,
                 "Bytes a second for the answers of all sandboxes together, shared fairly. 0: no bound."));
  t.push_back(
      form::path("admission.plan", &C::admission, &C::Admission::plan, 0, max_path,
                 "What `carrel-hwtune plan` wrote: bounds that fit this machine. What is set here or in "
                 "the environment goes before it. Empty: none."));
  t.push_back(
      form::flag("admission.shed", &C::admission, &C::Admission::shed,
                 "Fewer films are converted, then no new sandbox is started, while the machine is too "
                 "hot or short of memory."));

  t.push_back(form::count("pool.size", &C::pool, &C::Pool::size, 0, 1000,
                          "Sandboxes that wait for the next logins, so that these need not wait for them."));

  t.push_back(form::duration("session.idle", &C::session, &C::Session::idle, second, 365 * day,
                             "A session that is not used for so long ends."));
  t.push_back(form::duration("session.absolute", &C::session, &C::Session::absolute, second, 365 * day,
                             "A session ends so long after the login in any case."));
  t.push_back(form::duration("session.stream_token", &C::session, &C::Session::stream_token, second, 30 * day,
                             "How long the token in a stream's URL is valid."));

  t.push_back(form::count("limits.viewer_sessions", &C::limits, &C::Limits::viewer_sessions, 1, 1000,
                          "Sessions that one viewer may have at once."));
  t.push_back(form::count("limits.viewer_streams", &C::limits, &C::Limits::viewer_streams, 0, 64,
                          "Answers at once in one session of a viewer; 0: as `sandbox.streams`."));
  t.push_back(
      form::or_zero(form::size("limits.viewer_memory", &C::limits, &C::Limits::viewer_memory, 16 * mib,
                               mib * mib, "Memory of the sandbox of a viewer; 0: as `sandbox.memory`."),
                    &C::limits, &C::Limits::viewer_memory));
  t.push_back(form::or_zero(form::fraction("limits.viewer_cpus", &C::limits, &C::Limits::viewer_cpus, 0.01,
                                           1024, "CPUs of the sandbox of a viewer; 0: as `sandbox.cpus`."),
                            &C::limits, &C::Limits::viewer_cpus));
  t.push_back(
      form::or_zero(form::size("limits.viewer_bandwidth", &C::limits, &C::Limits::viewer_bandwidth, 16 * kib,
                               16 * kib * mib, "Bytes a second of one session of a viewer; 0: no bound."),
                    &C::limits, &C::Limits::viewer_bandwidth));
  t.push_back(form::count("limits.admin_sessions", &C::limits, &C::Limits::admin_sessions, 1, 1000,
                          "Sessions that one administrator may have at once."));
  t.push_back(form::count("limits.admin_streams", &C::limits, &C::Limits::admin_streams, 0, 64,
                          "Answers at once in one session of an administrator; 0: as `sandbox.streams`."));
  t.push_back(form::or_zero(
      form::size("limits.admin_memory", &C::limits, &C::Limits::admin_memory, 16 * mib, mib * mib,
                 "Memory of the sandbox of an administrator; 0: as `sandbox.memory`."),
      &C::limits, &C::Limits::admin_memory));
  t.push_back(
      form::or_zero(form::fraction("limits.admin_cpus", &C::limits, &C::Limits::admin_cpus, 0.01, 1024,
                                   "CPUs of the sandbox of an administrator; 0: as `sandbox.cpus`."),
                    &C::limits, &C::Limits::admin_cpus));
  t.push_back(form::or_zero(
      form::size("limits.admin_bandwidth", &C::limits, &C::Limits::admin_bandwidth, 16 * kib, 16 * kib * mib,
                 "Bytes a second of one session of an administrator; 0: no bound."),
      &C::limits, &C::Limits::admin_bandwidth));
  t.push_back(form::choice("limits.when_full", &C::limits, &C::Limits::when_full,
                           {"refuse", "replace-oldest"}, "refuse or replace-oldest",
                           "A login beyond the sessions that a user may have is refused, or ends the session "
                           "that was used longest ago."));

  t.push_back(form::duration("audit.keep", &C::audit, &C::Audit::keep, hour, 3650 * day,
                             "How long the audit trail keeps a line, but for the newest 1,000 of what people "
                             "did; never much more than 100,000 lines, and 50,000 "
                             "of what sandboxes came to by themselves."));

  t.push_back(form::count("backup.keep", &C::backup, &C::Backup::keep, 1, 1000,
                          "Backups kept in `data.dir`/backups; one more deletes the oldest."));

  t.push_back(form::path("admin.socket", &C::admin, &C::Admin::socket, 0, max_path,
                         "The Unix socket of `carrelctl`, for root and the daemon's own user; relative to "
                         "`data.dir`. Empty: none."));
  t.push_back(form::name("admin.user", &C::admin, &C::Admin::user, 64, "._-@",
                         "The name of the first administrator."));
  t.push_back(
      form::secret("admin.password", &C::admin, &C::Admin::password, 10, 256,
                   "The password of the first administrator, used when there is none yet. Empty: made up and "
                   "printed once."));

  t.push_back(form::choice("log.level", &C::log, &C::Log::level, {"debug", "info", "warn", "error"},
                           "debug, info, warn or error",
                           "What is logged: this and what is graver. Read anew on SIGHUP."));
  t.push_back(
      form::part_levels("log.levels", &C::log, &C::Log::levels,
                        "Other levels for parts, such as `sandbox=debug`; a part is what stands before the "
                        "point of an event's name. In a variable they are separated by commas. Read anew "
                        "on SIGHUP."));
  t.push_back(
      form::flag("log.sandbox_files", &C::log, &C::Log::sandbox_files,
                 "Lines about a sandbox also go to a file of its own below `data.dir`/log; the newest 256 "
                 "files are kept, each of 1 MB at most."));
  return t;
}

}  // namespace

std::span<const Key> keys() {
  static const std::vector<Key> table = make_table();
  return table;
}

std::string variable_of(const Key& key) {
  std::string variable = "CARREL_";
  for (const char c : key.name) {
    variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

}  // namespace carrel::config
