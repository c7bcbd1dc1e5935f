#include "orchestrator/cli/password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/unique_fd.hpp"

namespace carrel::cli {
namespace {

constexpr std::size_t kMaxPassword = 1024;

constexpr char kControlC = 3;

/// Turns the echo off as long as it lives. Control-C ends the line instead of the program meanwhile, which
/// would leave the terminal silent.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &settings_) != 0) return;
    termios silent = settings_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    silent.c_cc[VEOL] = kControlC;
    works_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (works_) ::tcsetattr(terminal_, TCSAFLUSH, &settings_);
  }
  [[nodiscard]] bool works() const noexcept { return works_; }

 private:
  int terminal_;
  termios settings_{};
  bool works_ = false;
};

Answer<std::string> read_line(int descriptor) {
  std::string line;
  char c = 0;
  for (;;) {
    const ssize_t count = ::read(descriptor, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ExitCode::failed, errno_error("read the password", errno).message);
    if (count == 0 || c == '\n') break;
    if (c == kControlC) return fail(ExitCode::failed, "cancelled; nothing was changed");
    line += c;
    if (line.size() > kMaxPassword) return fail(ExitCode::usage, "the password is longer than 1024 bytes");
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(ExitCode::usage, "the password is empty");
  return line;
}

Answer<std::string> ask(int terminal, std::string_view prompt) {
  const Silence silence(terminal);
  if (!silence.works()) return fail(ExitCode::failed, "the terminal's echo cannot be turned off");
  if (::write(terminal, prompt.data(), prompt.size()) < 0) {
    return fail(ExitCode::failed, errno_error("write to the terminal", errno).message);
  }
  return read_line(terminal);
}

}  // namespace

Answer<std::string> new_password(bool from_stdin) {
  if (from_stdin) return read_line(STDIN_FILENO);
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal) return fail(ExitCode::usage, "there is no terminal to ask at; use --password-stdin");
  auto first = ask(terminal.get(), "New password: ");
  if (first.has_error()) return first;
  const auto second = ask(terminal.get(), "Once more: ");
  if (second.has_error()) return second;
  if (*first != *second) return fail(ExitCode::usage, "the two passwords differ; nothing was changed");
  return first;
}

Answer<std::string> passphrase(const std::string& file, bool twice) {
  if (file == "-") return read_line(STDIN_FILENO);
  if (!file.empty()) {
    const UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return fail(ExitCode::usage, errno_error("open " + file, errno).message);
    return read_line(opened.get());
  }
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal) return fail(ExitCode::usage, "there is no terminal to ask at; use --passphrase-file");
  auto first = ask(terminal.get(), "Passphrase: ");
  if (first.has_error() || !twice) return first;
  const auto second = ask(terminal.get(), "Once more: ");
  if (second.has_error()) return second;
  if (*first != *second) return fail(ExitCode::usage, "the two passphrases differ; nothing was made");
  return first;
}

}  // namespace carrel::cli
