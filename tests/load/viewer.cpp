#include "tests/load/viewer.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <vector>

namespace carrel::load {

namespace asio = boost::asio;

namespace {

constexpr double kBuffer = 30;  // seconds, as hls.js's maxBufferLength
constexpr double kRetryPause = 0.5;
constexpr double kLeastRest = 0.01;

class Viewer : public std::enable_shared_from_this<Viewer> {
 public:
  Viewer(asio::any_io_executor executor, ViewerPlan plan, Tell tell)
      : executor_(executor),
        plan_(std::move(plan)),
        tell_(std::move(tell)),
        api_(executor, plan_.line),
        timer_(executor),
        random_(plan_.seed) {}

  asio::awaitable<void> run() {
    co_await wait_until(timer_, plan_.arrives);
    const bool in = co_await log_in();
    if (!in) co_return;
    pressed_ = Clock::now();
    const bool ready = co_await load_playlists();
    if (ready) {
      head_.begin(0);
      for (const auto& track : tracks_) {
        asio::co_spawn(executor_, load(shared_from_this(), track), asio::detached);
      }
      co_await behave();
      leaving_ = true;
      tell_stall(head_.stalled(Clock::now()));
      if (started_ && !head_.begun()) tell("unfinished seek", {{"seconds", seconds_since(pressed_)}});
      for (const auto& track : tracks_) {
        track->timer.cancel();
        track->connection.abort();
      }
    }
    // The daemon has closed the connection that idled since the beginning; a browser opens another one.
    api_.abort();
    const auto ended = co_await api_.fetch("/api/v1/auth/logout", "{}", false);
    if (ended.has_error()) tell("error", {{"what", "logout: " + ended.error().message}});
    if (ended.has_value() && ended->status >= 400)
      tell("error", {{"what", "logout: " + std::to_string(ended->status)}});
  }

 private:
  struct Track {
    Track(asio::any_io_executor executor, Line line, std::string cookie)
        : connection(executor, line), timer(executor) {
      connection.cookie = std::move(cookie);
    }
    std::string kind;
    Playlist playlist;
    Connection connection;
    asio::steady_timer timer;
    std::size_t next = 0;
    double fetched_until = 0;
    bool has_init = false;
  };

  void tell(const char* event, nlohmann::json facts = nlohmann::json::object()) {
    facts["viewer"] = plan_.number;
    facts["event"] = event;
    facts["habit"] = name_of(plan_.habit);
    tell_(std::move(facts));
  }

  void tell_stall(double seconds) {
    if (seconds > 0) tell("stall", {{"seconds", seconds}});
  }

  static double seconds_since(Clock::time_point when) { return Seconds(Clock::now() - when).count(); }

  static asio::awaitable<void> wait_until(asio::steady_timer& timer, Clock::time_point when) {
    timer.expires_at(when);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  static asio::awaitable<void> rest(asio::steady_timer& timer, double seconds) {
    co_await wait_until(timer, Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                  Seconds(std::max(seconds, kLeastRest))));
  }

  /// A 429 is asked again after what it says, until the viewer has to go.
  asio::awaitable<Result<Answer>> ask(std::string path, std::string body) {
    for (;;) {
      Result<Answer> answer = co_await api_.fetch(path, body, false);
      if (answer.has_value() && answer->status < 400) co_return answer;
      if (answer.has_value() && answer->status != 429 && answer->status != 503) {
        co_return make_error(ErrorKind::invalid, std::to_string(answer->status) + " " + answer->body);
      }
      tell(answer.has_value() ? "refused" : "error",
           {{"what", answer.has_value() ? answer->body : answer.error().message}});
      if (Clock::now() >= plan_.leaves) co_return make_error(ErrorKind::timeout, "it was time to go");
      co_await rest(timer_, 1);
    }
  }

  asio::awaitable<bool> log_in() {
    const auto began = Clock::now();
    const nlohmann::json words = {{"username", plan_.user}, {"password", plan_.password}};
    const auto answer = co_await ask("/api/v1/auth/login", words.dump());
    if (answer.has_error()) {
      tell("error", {{"what", "login: " + answer.error().message}});
      co_return false;
    }
    api_.cookie = answer->cookie;
    tell("login", {{"seconds", seconds_since(began)}});
    co_return true;
  }

  asio::awaitable<Result<std::string>> text_of(std::string path) {
    auto answer = co_await ask(path, "");
    if (answer.has_value() && answer->status >= 300) answer = co_await ask(answer->location, "");
    if (answer.has_error()) co_return answer.error();
    co_return answer->body;
  }

  asio::awaitable<bool> load_playlists() {
    std::string problem;
    try {
      const auto videos = co_await text_of("/api/v1/videos");
      std::string id;
      const auto listed = nlohmann::json::parse(videos.value());
      for (const auto& item : listed.at("items")) {
        if (item.at("title") == plan_.title) id = item.at("id");
      }
      const auto link = co_await text_of("/api/v1/videos/" + id + "/stream");
      // The one with the token in its path, so that names resolve below it.
      const std::string dash = nlohmann::json::parse(link.value()).at("dash_url");
      const std::string master_path = dash.substr(0, dash.rfind('/')) + "/master.m3u8";
      const auto master_text = co_await text_of(master_path);
      const auto master = parse_master(master_text.value(), master_path);
      std::vector<std::pair<std::string, std::string>> wanted = {{"picture", master.value().video}};
      if (master->audio) wanted.emplace_back("sound", *master->audio);
      for (const auto& [kind, path] : wanted) {
        const auto text = co_await text_of(path);
        const auto track = std::make_shared<Track>(executor_, plan_.line, api_.cookie);
        track->kind = kind;
        track->playlist = parse_playlist(text.value(), path).value();
        tracks_.push_back(track);
      }
    } catch (const std::exception& error) {
      problem = error.what();
    }
    if (!problem.empty()) tell("error", {{"what", "playlists: " + problem}});
    co_return problem.empty();
  }

  /// One track's loader, as hls.js has one for picture and one for sound.
  static asio::awaitable<void> load(std::shared_ptr<Viewer> self, std::shared_ptr<Track> track) {
    while (!self->leaving_) {
      const std::uint64_t seek = self->seek_;
      const bool at_end = track->next >= track->playlist.segments.size();
      const double ahead = track->fetched_until - self->head_.position(Clock::now());
      if (at_end || ahead >= kBuffer) {
        co_await rest(track->timer, at_end ? 1 : std::min(1.0, ahead - kBuffer + 0.05));
        continue;
      }
      const std::string path = track->has_init || track->playlist.init.empty()
                                   ? track->playlist.segments[track->next].path
                                   : track->playlist.init;
      const Result<Answer> answer = co_await track->connection.fetch(path, "", true);
      if (self->leaving_ || seek != self->seek_) continue;
      const bool good = answer.has_value() && answer->status < 400;
      if (!good && !std::exchange(self->aborting_, false)) {
        self->tell("error", {{"what", answer.has_value() ? std::to_string(answer->status) + " " + answer->body
                                                         : answer.error().message}});
        co_await rest(track->timer, kRetryPause);
      }
      if (good) self->take(*track, *answer);
    }
  }

  void take(Track& track, const Answer& answer) {
    if (!track.has_init && !track.playlist.init.empty()) {
      track.has_init = true;
      return;
    }
    const Segment& segment = track.playlist.segments[track.next++];
    track.fetched_until = segment.start + segment.duration;
    tell("segment", {{"kind", track.kind},
                     {"bytes", answer.bytes},
                     {"first_byte", answer.first_byte},
                     {"seconds", answer.whole}});
    double until = track.fetched_until;
    for (const auto& one : tracks_) until = std::min(until, one->fetched_until);
    const bool begun = head_.begun();
    tell_stall(head_.fetched(until, Clock::now()));
    if (!begun && head_.begun()) tell(started_ ? "seek" : "start", {{"seconds", seconds_since(pressed_)}});
    started_ = started_ || head_.begun();
  }

  void seek_to(double position) {
    ++seek_;
    pressed_ = Clock::now();
    tell_stall(head_.stalled(pressed_));
    head_.begin(position);
    for (const auto& track : tracks_) {
      track->next = track->playlist.at(position);
      track->fetched_until = position;
      track->connection.abort();
      track->timer.cancel();
    }
  }

  asio::awaitable<void> behave() {
    std::uniform_real_distribution<double> some_time(10, 40), anywhere(0, std::max(1.0, film_end() - 60));
    while (Clock::now() < plan_.leaves) {
      const double until = std::min(some_time(random_), seconds_until_leaving());
      co_await rest(timer_, until);
      if (Clock::now() >= plan_.leaves || !head_.begun()) continue;
      if (plan_.habit == Habit::seeks || head_.position(Clock::now()) > film_end() - 45)
        seek_to(anywhere(random_));
      if (plan_.habit == Habit::pauses) {
        tell_stall(head_.stalled(Clock::now()));
        head_.pause(Clock::now());
        co_await rest(timer_, std::min(10.0, seconds_until_leaving()));
        head_.resume(Clock::now());
      }
      if (plan_.habit == Habit::aborts) {
        aborting_ = true;
        tracks_.front()->connection.abort();
      }
    }
  }

  [[nodiscard]] double seconds_until_leaving() const { return Seconds(plan_.leaves - Clock::now()).count(); }
  [[nodiscard]] double film_end() const { return tracks_.front()->playlist.end(); }

  asio::any_io_executor executor_;
  ViewerPlan plan_;
  Tell tell_;
  Connection api_;
  asio::steady_timer timer_;
  std::mt19937_64 random_;
  std::vector<std::shared_ptr<Track>> tracks_;
  Playhead head_;
  Clock::time_point pressed_;
  std::uint64_t seek_ = 0;
  bool started_ = false;
  bool aborting_ = false;
  bool leaving_ = false;
};

}  // namespace

const char* name_of(Habit habit) {
  switch (habit) {
    case Habit::watches: return "watches";
    case Habit::seeks: return "seeks";
    case Habit::pauses: return "pauses";
    case Habit::aborts: return "aborts";
    case Habit::slow_line: return "slow line";
  }
  return "";
}

asio::awaitable<void> watch(asio::any_io_executor executor, ViewerPlan plan, Tell tell) {
  const auto viewer = std::make_shared<Viewer>(executor, std::move(plan), std::move(tell));
  co_await viewer->run();
}

}  // namespace carrel::load
