#include "orchestrator/cli/backups/interruption.hpp"

#include <utility>

namespace carrel::cli::backups {

namespace {

volatile std::sig_atomic_t came = 0;

void note(int signal) {
  came = signal;
}

class UntilWriter final : public backup::Writer {
 public:
  explicit UntilWriter(std::unique_ptr<backup::Writer> next) : next_(std::move(next)) {}
  Result<void> write(std::string_view bytes) override {
    auto on = Interruption::check();
    return on ? next_->write(bytes) : on;
  }
  Result<void> finish() override { return next_->finish(); }

 private:
  std::unique_ptr<backup::Writer> next_;
};

class UntilReader final : public backup::Reader {
 public:
  explicit UntilReader(std::unique_ptr<backup::Reader> next) : next_(std::move(next)) {}
  Result<std::string> read(std::size_t most) override {
    auto bytes = next_->read(most);
    const auto on = Interruption::check();
    if (on.has_error()) return on.error();
    return bytes;
  }

 private:
  std::unique_ptr<backup::Reader> next_;
};

}  // namespace

Interruption::Interruption() {
  came = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    // As nohup has it.
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  if (came != 0) ::raise(came);
}

Result<void> Interruption::check() {
  if (came == 0) return {};
  return make_error(ErrorKind::unavailable, "interrupted");
}

std::unique_ptr<backup::Writer> until_interrupted(std::unique_ptr<backup::Writer> next) {
  return std::make_unique<UntilWriter>(std::move(next));
}

std::unique_ptr<backup::Reader> until_interrupted(std::unique_ptr<backup::Reader> next) {
  return std::make_unique<UntilReader>(std::move(next));
}

}  // namespace carrel::cli::backups
