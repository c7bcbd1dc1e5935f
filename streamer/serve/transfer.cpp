#include "streamer/serve/transfer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace carrel::streamer {

using protocol::Outcome;

Transfer::Transfer(Answer plan, std::uint64_t skip, UniqueFd answer, UniqueFd film)
    : answer_(std::move(answer)),
      film_(std::move(film)),
      pieces_(skip_bytes(std::move(plan.pieces), skip)),
      status_(plan.status),
      outcome_(plan.outcome),
      detail_(std::move(plan.detail)),
      bad_variants_(plan.bad_variants) {}

Transfer::State Transfer::advance(std::uint64_t budget) {
  const std::uint64_t stop = sent_ + budget;
  while (sent_ < stop) {
    State state = State::ready;
    if (!buffer_.unsent().empty()) {
      state = send_buffer(cursor_.piece < pieces_.size() && unprepared(pieces_, cursor_) == nullptr);
    } else if (cursor_.piece == pieces_.size()) {
      cork(false);
      return State::ended;
    } else if (unprepared(pieces_, cursor_) != nullptr) {
      cork(false);
      return State::making;
    } else if (at_long_run(pieces_, cursor_) && !copies_) {
      state = send_run(stop - sent_);
    } else {
      buffer_.clear();
      Result<void> gathered = at_long_run(pieces_, cursor_) ? copy_run(pieces_, cursor_, film_.get(), buffer_)
                                                            : gather(pieces_, cursor_, film_.get(), buffer_);
      if (!gathered) {
        return end(Outcome::film_error, gathered.error().message);
      }
      forget_sent();
    }
    if (state != State::ready) {
      return state;
    }
  }
  return State::ready;
}

void Transfer::forget_sent() {
  for (; forgotten_ < cursor_.piece; ++forgotten_) pieces_[forgotten_] = MadeBytes{};
}

Transfer::State Transfer::make_more(std::chrono::steady_clock::time_point until) {
  BodyMaker* const maker = unprepared(pieces_, cursor_);
  if (maker == nullptr) {
    return State::ready;
  }
  Result<void> made = maker->prepare(film_.get(), until);
  if (!made) {
    return end(Outcome::film_error, made.error().message);
  }
  return maker->prepared() ? State::ready : State::making;
}

void Transfer::peer_gone() {
  end(Outcome::client_gone, "the client closed the connection");
}

void Transfer::fail(std::string why) {
  end(Outcome::internal, std::move(why));
}

Transfer::State Transfer::send_buffer(bool more_follows) {
  const std::span<const char> bytes = buffer_.unsent();
  if (is_socket_) {
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more_follows ? MSG_MORE : 0);
    const ssize_t done = ::send(answer_.get(), bytes.data(), bytes.size(), flags);
    if (done >= 0) {
      count_sent(static_cast<std::uint64_t>(done));
      buffer_.sent(static_cast<std::size_t>(done));
      return State::ready;
    }
    if (errno != ENOTSOCK) {
      return failed_write(errno);
    }
    is_socket_ = false;
  }
  const ssize_t done = ::write(answer_.get(), bytes.data(), bytes.size());
  if (done < 0) {
    return failed_write(errno);
  }
  count_sent(static_cast<std::uint64_t>(done));
  buffer_.sent(static_cast<std::size_t>(done));
  return State::ready;
}

Transfer::State Transfer::send_run(std::uint64_t most) {
  cork(true);
  const FilmBytes& run = std::get<FilmBytes>(pieces_[cursor_.piece]);
  auto offset = static_cast<off_t>(run.offset + cursor_.offset);
  const auto length = static_cast<std::size_t>(std::min(most, run.length - cursor_.offset));
  const ssize_t done = ::sendfile(answer_.get(), film_.get(), &offset, length);
  if (done == 0) {
    return end(Outcome::film_error, "the film ends before byte " + std::to_string(run.offset + run.length) +
                                        "; it was changed while it was sent");
  }
  if (done < 0) {
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      copies_ = true;
      return State::ready;
    }
    if (errno == EIO) {
      return end(Outcome::film_error,
                 errno_error("read the film at byte " + std::to_string(offset), EIO).message);
    }
    return failed_write(errno);
  }
  count_sent(static_cast<std::uint64_t>(done));
  cursor_.offset += static_cast<std::uint64_t>(done);
  if (cursor_.offset == run.length) {
    cursor_ = {cursor_.piece + 1, 0};
  }
  return State::ready;
}

void Transfer::count_sent(std::uint64_t bytes) {
  if (sent_ == 0) {
    first_byte_after_ =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - made_);
  }
  sent_ += bytes;
}

Transfer::State Transfer::failed_write(int error) {
  switch (error) {
    case EINTR: return State::ready;
    case EAGAIN:
#if EAGAIN != EWOULDBLOCK
    case EWOULDBLOCK:
#endif
      return State::blocked;
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH: return end(Outcome::client_gone, errno_error("write to the client", error).message);
    default: return end(Outcome::internal, errno_error("write to the client", error).message);
  }
}

Transfer::State Transfer::end(Outcome outcome, std::string detail) {
  outcome_ = outcome;
  detail_ = std::move(detail);
  cork(false);
  return State::ended;
}

// Keeps the last, partly filled packet of one piece until the next piece fills it. Answers without long runs
// are sent in one call and do not come here; other kinds of answer (a Unix socket, a pipe) have no such
// option.
void Transfer::cork(bool on) {
  const Cork wanted = on ? Cork::on : Cork::off;
  if (cork_ == wanted || cork_ == Cork::unknown_here) {
    return;
  }
  const int value = on ? 1 : 0;
  const bool set = ::setsockopt(answer_.get(), IPPROTO_TCP, TCP_CORK, &value, sizeof(value)) == 0;
  cork_ = set ? wanted : Cork::unknown_here;
}

}  // namespace carrel::streamer
