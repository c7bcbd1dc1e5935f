#include "orchestrator/backup/stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/unique_fd.hpp"
#include "orchestrator/lib/sodium/sealed.hpp"

namespace carrel::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 64 << 10;

class FileWriter final : public Writer {
 public:
  FileWriter(UniqueFd file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t done = ::write(file_.get(), bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return errno_error("write " + name_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
  }
  Result<void> finish() override {
    if (::fsync(file_.get()) != 0) return errno_error("write " + name_, errno);
    return {};
  }

 private:
  UniqueFd file_;
  std::string name_;
};

/// Seals piece by piece; the last one says so, and may be empty.
class SealedWriter final : public Writer {
 public:
  SealedWriter(std::unique_ptr<Writer> next, sodium::Sealer sealer)
      : next_(std::move(next)), sealer_(std::move(sealer)) {}

  Result<void> write(std::string_view bytes) override {
    waiting_ += bytes;
    while (waiting_.size() > kPiece) {
      auto written = next_->write(sealer_.seal(std::string_view(waiting_).substr(0, kPiece), false));
      if (!written) return written;
      waiting_.erase(0, kPiece);
    }
    return {};
  }
  Result<void> finish() override {
    auto written = next_->write(sealer_.seal(waiting_, true));
    if (!written) return written;
    return next_->finish();
  }

 private:
  std::unique_ptr<Writer> next_;
  sodium::Sealer sealer_;
  std::string waiting_;
};

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::string_view bytes) : rest_(bytes) {}
  Result<std::string> read(std::size_t most) override {
    std::string taken(rest_.substr(0, most));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

class FileReader final : public Reader {
 public:
  FileReader(UniqueFd file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::string> read(std::size_t most) override {
    std::string bytes(std::min(most, kPiece + sodium::kSealOverhead), '\0');
    ssize_t got = 0;
    do {
      got = ::read(file_.get(), bytes.data(), bytes.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return errno_error("read " + name_, errno);
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

 private:
  UniqueFd file_;
  std::string name_;
};

/// All of that many bytes, or what there is before the end.
Result<std::string> read_whole(Reader& reader, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    auto more = reader.read(size - bytes.size());
    if (more.has_error()) return more.error();
    if (more->empty()) break;
    bytes += *more;
  }
  return bytes;
}

class SealedReader final : public Reader {
 public:
  SealedReader(std::unique_ptr<Reader> next, sodium::Opener opener)
      : next_(std::move(next)), opener_(std::move(opener)) {}

  Result<std::string> read(std::size_t most) override {
    while (opened_.empty() && !ended_) {
      auto sealed = read_whole(*next_, kPiece + sodium::kSealOverhead);
      if (sealed.has_error()) return sealed.error();
      auto piece = opener_.open(*sealed);
      if (piece.has_error()) return piece.error();
      opened_ = std::move(piece->bytes);
      ended_ = piece->last;
    }
    std::string taken = opened_.substr(0, most);
    opened_.erase(0, taken.size());
    return taken;
  }

 private:
  std::unique_ptr<Reader> next_;
  sodium::Opener opener_;
  std::string opened_;
  bool ended_ = false;
};

Result<std::unique_ptr<Reader>> open_file(const fs::path& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    Error error = errno_error("open " + path.string(), errno);
    if (errno == ENOENT) error.kind = ErrorKind::not_found;
    return error;
  }
  return std::unique_ptr<Reader>(std::make_unique<FileReader>(std::move(file), path.string()));
}

}  // namespace

Result<std::unique_ptr<Writer>> write_file(const fs::path& path, const std::string& passphrase) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno_error("make " + path.string(), errno);
  std::unique_ptr<Writer> plain = std::make_unique<FileWriter>(std::move(file), path.string());
  if (passphrase.empty()) return plain;
  auto sealer = sodium::Sealer::make(passphrase);
  if (sealer.has_error()) return sealer.error();
  auto headed = plain->write(sealer->head());
  if (headed.has_error()) return headed.error();
  return std::unique_ptr<Writer>(std::make_unique<SealedWriter>(std::move(plain), std::move(*sealer)));
}

std::unique_ptr<Reader> read_memory(std::string_view bytes) {
  return std::make_unique<MemoryReader>(bytes);
}

Result<bool> is_sealed(const fs::path& path) {
  auto file = open_file(path);
  if (file.has_error()) return file.error();
  const auto head = read_whole(**file, sodium::kSealHeadBytes);
  if (head.has_error()) return head.error();
  return sodium::Opener::is_head(*head);
}

Result<std::unique_ptr<Reader>> read_file(const fs::path& path, const std::string& passphrase) {
  const auto sealed = is_sealed(path);
  if (sealed.has_error()) return sealed.error();
  auto file = open_file(path);
  if (file.has_error() || !*sealed) return file;
  if (passphrase.empty()) return make_error(ErrorKind::forbidden, path.string() + " needs its passphrase");
  const auto head = read_whole(**file, sodium::kSealHeadBytes);
  if (head.has_error()) return head.error();
  auto opener = sodium::Opener::make(passphrase, *head);
  if (opener.has_error()) return opener.error();
  return std::unique_ptr<Reader>(std::make_unique<SealedReader>(std::move(*file), std::move(*opener)));
}

}  // namespace carrel::backup
