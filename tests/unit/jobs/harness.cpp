#include "harness.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "films.hpp"
#include "orchestrator/lib/asio/run_to_end.hpp"
#include "tests/support/index_begin.hpp"

namespace carrel::jobs::test {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

void write_to(const UniqueFd& file, const std::string& bytes) {
  if (::pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("a test's file cannot be written");
}

std::string content_of(const UniqueFd& file) {
  std::string bytes(64, '\0');
  const auto got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

/// A file of this age has settled for the library.
void age(const fs::path& path) {
  fs::last_write_time(path, fs::last_write_time(path) - std::chrono::minutes(1));
}

}  // namespace

void Conversion::write(const std::string& media, const std::string& index) const {
  write_to(order.media, media);
  write_to(order.variant_index, support::index_with(index));
  write_to(order.checkpoint, "checkpoint");
}

void Conversion::succeed() const {
  if (content_of(order.variant_index).empty()) write_to(order.variant_index, support::index_with(""));
  protocol::Converted made;
  made.made = true;
  made.picture = picture_track(protocol::TrackUse::remux, "avc1.640028");
  made.picture.bits_per_second = 5'000'000;
  end->set(std::move(made));
}

void PictureOrder::succeed(const std::string& bytes) const {
  write_to(out, bytes);
  protocol::PicturesMade made;
  made.made = true;
  made.width = 160;
  made.height = 90;
  made.bytes = bytes.size();
  end->set(std::move(made));
}

void PictureOrder::fail(std::string reason, bool may_work_later) const {
  protocol::PicturesMade made;
  made.reason = std::move(reason);
  made.may_work_later = may_work_later;
  end->set(std::move(made));
}

Harness::Harness(HarnessOptions options) : options_(std::move(options)) {
  fs::create_directory(directory_.path() / "films");
  fs::create_directory(directory_.path() / "index");
}

Harness::~Harness() {
  end();
}

void Harness::end() {
  // As the daemon does: what waits for the pools goes before the loop.
  if (jobs_) jobs_->stop();
  if (pictures_) pictures_->stop();
  if (library_) library_->stop();
  conversions.clear();
  picture_orders.clear();
  pictures_.reset();
  jobs_.reset();
  variants_.reset();
  library_.reset();
  store_.reset();
  loop_.reset();
}

void Harness::restart() {
  end();
  start();
}

void Harness::end_pause(store::JobRow job) {
  job.not_before = 0;
  wait(store_->write([job](sqlite::Connection& db) { return store::save_job(db, job); })).value();
  restart();
}

void Harness::leave_free(std::uint64_t bytes) {
  options_.pictures.leave_free = bytes;
  restart();
}

void Harness::age_variants(std::int64_t last_used_at) {
  for (store::VariantRow& row : variants_->all()) {
    row.last_used_at = last_used_at;
    wait(store_->write([row](sqlite::Connection& db) { return store::save_variant(db, row); })).value();
  }
  restart();
}

void Harness::make_variants_old(std::chrono::seconds age) {
  for (store::VariantRow& row : variants_->all()) {
    row.made_at -= age.count();
    wait(store_->write([row](sqlite::Connection& db) { return store::save_variant(db, row); })).value();
  }
  restart();
}

void Harness::start() {
  loop_ = std::make_unique<asio::io_context>(1);
  const auto executor = loop_->get_executor();
  store_ = store::Store::open(data()).value();
  library::LibraryOptions library;
  library.roots = {directory_.path() / "films"};
  library.index_directory = directory_.path() / "index";
  library.rescan = std::chrono::hours(1);
  library_ = std::make_unique<library::Library>(
      executor, *store_, library,
      [this](std::vector<UniqueFd> files, protocol::Index) -> asio::awaitable<Result<protocol::Indexed>> {
        write_to(files.at(1), support::index_with("index"));
        Result<protocol::Indexed> facts = facts_.at(content_of(files.at(0)));
        co_return facts;
      },
      library::LibraryObserver{.on_indexed =
                                   [this](const library::Video&, double) {
                                     jobs_->wake();
                                     pictures_->wake();
                                   },
                               .on_scan = {},
                               .on_error = {}});
  variants_ = std::make_unique<Variants>(
      executor, *store_, Folder::open(data() / "variants").value(), [this] { jobs_->wake(); },
      [this](const Error& error) { errors.push_back(error.message); });
  JobsOptions jobs;
  jobs.policy = options_.policy;
  jobs.tries = options_.tries;
  JobsObserver observer;
  observer.on_state = [this](const store::JobRow& job) { states.emplace_back(store::to_string(job.state)); };
  observer.on_removed = [this](const Removal& one) { removed.push_back(one); };
  observer.on_progress = [this](const store::JobRow&) { ++progress_told; };
  jobs_ = std::make_unique<Jobs>(
      executor, *store_, *library_, *variants_, jobs,
      [this](ConvertOrder order) -> asio::awaitable<Result<protocol::Converted>> {
        auto end = std::make_shared<OneShot<Result<protocol::Converted>>>(loop_->get_executor());
        order.stop->on_ask = [end] { end->set(make_error(ErrorKind::conflict, "stopped")); };
        if (order.stop->asked()) order.stop->on_ask();
        conversions.push_back({std::move(order), end});
        const bool ended = co_await end->wait_until(Clock::time_point::max());
        static_cast<void>(ended);
        co_return *end->value();
      },
      observer);
  pictures_ = std::make_unique<Pictures>(
      executor, *library_, Folder::open(data() / "pictures").value(), options_.pictures,
      [this](UniqueFd, UniqueFd, UniqueFd out,
             protocol::Pictures request) -> asio::awaitable<Result<protocol::PicturesMade>> {
        auto end = std::make_shared<OneShot<Result<protocol::PicturesMade>>>(loop_->get_executor());
        picture_orders.push_back({std::move(out), std::move(request), end});
        const bool ended = co_await end->wait_until(Clock::time_point::max());
        static_cast<void>(ended);
        co_return *end->value();
      },
      PicturesObserver{});
  run_to_end(*loop_, library_->load()).value();
  run_to_end(*loop_, jobs_->load()).value();
  run_to_end(*loop_, pictures_->load()).value();
  library_->start();
  jobs_->start();
  pictures_->start();
}

void Harness::add_film(const std::string& name, const protocol::Indexed& facts) {
  const fs::path path = directory_.path() / "films" / (name + ".mp4");
  std::ofstream(path) << name;
  age(path);
  facts_[name] = facts;
  if (library_) library_->scan_soon();
}

void Harness::change_film(const std::string& name) {
  change_film(name, facts_.at(name));
}

void Harness::change_film(const std::string& name, const protocol::Indexed& facts) {
  const fs::path path = directory_.path() / "films" / (name + ".mp4");
  std::ofstream(path) << name << " changed";
  age(path);
  facts_[name + " changed"] = facts;
  library_->scan_soon();
}

void Harness::remove_film(const std::string& name) {
  fs::remove(directory_.path() / "films" / (name + ".mp4"));
  library_->scan_soon();
}

bool Harness::gone(const std::string& name) const {
  return std::ranges::none_of(library_->all(),
                              [&](const auto& video) { return video->row.path == name + ".mp4"; });
}

std::shared_ptr<const library::Video> Harness::video(const std::string& name) {
  return video_in(library::VideoState::ready, name);
}

std::shared_ptr<const library::Video> Harness::video_in(library::VideoState state, const std::string& name) {
  std::shared_ptr<const library::Video> found;
  until([&] {
    for (const auto& video : library_->all()) {
      if (video->row.path == name + ".mp4" && video->row.state == state) found = video;
    }
    return found != nullptr;
  });
  return found;
}

store::JobRow Harness::job(const std::string& name, const std::string& quality) {
  const auto id = video(name)->row.id;
  until([&] { return jobs_->of(id, quality).has_value(); });
  return *jobs_->of(id, quality);
}

void Harness::until(const std::function<bool()>& holds) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (!errors.empty() && !errors_expected) throw std::runtime_error(errors.front());
    if (Clock::now() > deadline) throw std::runtime_error("what a test waited for did not come");
    loop_->run_one_for(std::chrono::milliseconds(100));
    if (loop_->stopped()) loop_->restart();
  }
}

std::size_t Harness::indexes() const {
  const fs::directory_iterator files(directory_.path() / "index");
  return static_cast<std::size_t>(std::distance(fs::begin(files), fs::end(files)));
}

std::vector<std::string> Harness::made_files() const {
  std::vector<std::string> names;
  for (const auto& entry : Folder::open(data() / "variants").value().list().value())
    names.push_back(entry.path.substr(entry.path.find('/') + 1));
  return names;
}

}  // namespace carrel::jobs::test
