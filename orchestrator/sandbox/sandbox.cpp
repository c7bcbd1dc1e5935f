#include "orchestrator/sandbox/sandbox.hpp"

#include <stdexcept>
#include <utility>

namespace carrel::sandbox {
namespace {

Ending invented() {
  return Ending{Reason::unresponsive, "it spoke of answers that no earlier daemon asked it for"};
}

/// Hands `result` to who waits for it; false when nobody asked for it.
template <class Pending, class Result>
bool finish(std::map<protocol::RequestId, std::shared_ptr<Pending>>& asked, Result result) {
  const auto found = asked.find(result.id);
  if (found == asked.end()) return false;
  const auto pending = found->second;
  asked.erase(found);
  pending->set(std::move(result));
  return true;
}

}  // namespace

Sandbox::Sandbox(boost::asio::any_io_executor executor, Identity identity, SessionLimits limits)
    : executor_(executor),
      identity_(std::move(identity)),
      limits_(limits),
      limits_held_(limits),
      limit_changes_(executor, 1),
      hello_(executor),
      settled_(executor),
      ending_(executor),
      gone_(executor) {}

Result<std::shared_ptr<PendingAnswer>> Sandbox::serve(protocol::Serve message, std::string film,
                                                      std::span<const int> descriptors) {
  if (!channel_ || ending_.is_set()) return make_error(ErrorKind::unavailable, "the sandbox is gone");
  if (answers_.size() >= limits_.streams) {
    return make_error(ErrorKind::busy, "this session is being sent " + std::to_string(answers_.size()) +
                                           " answers already, as many as it may have at once");
  }
  message.id = next_request_++;
  const auto sent = channel_->send(message, descriptors);
  if (sent.has_error()) return sent.error();
  auto pending = std::make_shared<PendingAnswer>(executor_);
  touch("was given a request");
  answers_.emplace(message.id, Running{pending, std::move(film)});
  return pending;
}

Result<std::shared_ptr<PendingIndex>> Sandbox::index(protocol::Index message,
                                                     std::span<const int> descriptors) {
  if (!channel_ || ending_.is_set()) return make_error(ErrorKind::unavailable, "the worker is gone");
  message.id = next_request_++;
  const auto sent = channel_->send(message, descriptors);
  if (sent.has_error()) return sent.error();
  auto pending = std::make_shared<PendingIndex>(executor_);
  indexes_.emplace(message.id, pending);
  return pending;
}

Result<std::shared_ptr<PendingPictures>> Sandbox::pictures(protocol::Pictures message,
                                                           std::span<const int> descriptors) {
  if (!channel_ || ending_.is_set()) return make_error(ErrorKind::unavailable, "the converter is gone");
  message.id = next_request_++;
  const auto sent = channel_->send(message, descriptors);
  if (sent.has_error()) return sent.error();
  auto pending = std::make_shared<PendingPictures>(executor_);
  pictures_.emplace(message.id, pending);
  return pending;
}

Result<std::shared_ptr<PendingConversion>> Sandbox::convert(protocol::Convert message,
                                                            std::span<const int> descriptors) {
  if (!channel_ || ending_.is_set()) return make_error(ErrorKind::unavailable, "the converter is gone");
  message.id = next_request_++;
  const auto sent = channel_->send(message, descriptors);
  if (sent.has_error()) return sent.error();
  auto pending = std::make_shared<PendingConversion>(executor_);
  conversions_.emplace(message.id, pending);
  return pending;
}

Result<void> Sandbox::verify(std::span<const int> descriptors) {
  if (!channel_ || ending_.is_set()) return make_error(ErrorKind::unavailable, "the sandbox is gone");
  verifying_ = next_request_++;
  return channel_->send(protocol::Verify{*verifying_}, descriptors);
}

void Sandbox::end(Ending ending) {
  hello_.set(make_error(ErrorKind::unavailable, "the sandbox ended before it was ready: " + ending.detail));
  ending_.set(std::move(ending));
  lose_everything();
}

void Sandbox::died(std::string detail) {
  const auto channel = channel_;  // a message may end this sandbox, and with it the channel
  if (channel) channel->deliver_last();
  end(Ending{Reason::none, std::move(detail)});
}

void Sandbox::touch(std::string what) {
  touch_ = Touch{std::chrono::steady_clock::now(), unix_now(), std::move(what)};
  warned = false;
  cannot_pause = false;
}

void Sandbox::assign_user(std::string user) {
  identity_.user = std::move(user);
  touch("was given to its session");
}

void Sandbox::ping(std::chrono::steady_clock::time_point now) {
  if (asked_ || !channel_ || ending_.is_set()) return;
  asked_ = now;
  // One that does not even take the message is found out like one that does not answer it.
  const auto sent = channel_->send(protocol::Ping{++last_ping_}, {});
  static_cast<void>(sent);
}

void Sandbox::move_to(State state) {
  if (!may_follow(state_, state)) {
    throw std::logic_error("sandbox " + identity_.sandbox + " cannot go from " +
                           std::string(to_string(state_)) + " to " + std::string(to_string(state)));
  }
  state_ = state;
  entered_ = std::chrono::steady_clock::now();
  if (state == State::ready) ready_at_ = unix_now();
}

Result<void> Sandbox::open_control(const std::filesystem::path& run_directory) {
  auto directory = ControlDirectory::make(run_directory / identity_.sandbox);
  if (directory.has_error()) return directory.error();
  auto listener = directory->listen();
  if (listener.has_error()) return listener.error();
  directory_.emplace(std::move(*directory));
  const auto weak = weak_from_this();
  ControlChannel::Events events;
  events.on_message = [weak](protocol::Message message) {
    if (const auto self = weak.lock()) self->on_message(std::move(message));
  };
  events.on_closed = [weak](std::string why) {
    if (const auto self = weak.lock()) self->end(Ending{Reason::none, std::move(why)});
  };
  channel_ = std::make_shared<ControlChannel>(executor_, std::move(*listener), std::move(events));
  channel_->start();
  return {};
}

void Sandbox::close_control(bool keep_directory) {
  if (channel_) channel_->stop();
  channel_.reset();
  if (keep_directory && directory_) directory_->keep();
  directory_.reset();
  lose_everything();
}

void Sandbox::on_message(protocol::Message message) {
  if (const auto* hello = std::get_if<protocol::Hello>(&message)) {
    if (hello_.is_set()) return end(Ending{Reason::unresponsive, "it said hello twice"});
    if (hello->earlier_transfers > (expects_earlier_ ? protocol::kMaxTransfers : 0)) return end(invented());
    earlier_.transfers = hello->earlier_transfers;
    hello_.set(Result<void>());
  } else if (const auto* done = std::get_if<protocol::Done>(&message)) {
    const auto found = answers_.find(done->id);
    if (found == answers_.end())
      return end(Ending{Reason::unresponsive, "it ended a request that it was not given"});
    const auto pending = found->second.pending;
    answers_.erase(found);
    pending->set(*done);
  } else if (const auto* pong = std::get_if<protocol::Pong>(&message)) {
    on_pong(*pong);
  } else if (const auto* progress = std::get_if<protocol::IndexProgress>(&message)) {
    if (indexes_.contains(progress->id)) index_progress_ = progress->film_bytes_read;
  } else if (auto* indexed = std::get_if<protocol::Indexed>(&message)) {
    const auto found = indexes_.find(indexed->id);
    if (found == indexes_.end())
      return end(Ending{Reason::unresponsive, "it indexed a film that it was not given"});
    const auto pending = found->second;
    indexes_.erase(found);
    pending->set(std::move(*indexed));
    // A worker leaves by itself once it is done; that is not a death.
    end(Ending{Reason::done, {}});
  } else if (auto* attempt = std::get_if<protocol::Attempt>(&message)) {
    on_attempt(std::move(*attempt));
  } else if (identity_.role == Role::converter) {
    on_converter(std::move(message));
  } else {
    end(Ending{Reason::unresponsive, "it sent a message that only the daemon sends"});
  }
}

void Sandbox::on_converter(protocol::Message message) {
  if (const auto* progress = std::get_if<protocol::ConvertProgress>(&message)) {
    if (!conversions_.contains(progress->id) || progress->done_us <= convert_progress_) return;
    convert_progress_ = progress->done_us;
    if (on_convert_progress) on_convert_progress(convert_progress_);
  } else if (auto* made = std::get_if<protocol::PicturesMade>(&message)) {
    if (!finish(pictures_, std::move(*made)))
      return end(Ending{Reason::unresponsive, "it made pictures that it was not asked for"});
    end(Ending{Reason::done, {}});
  } else if (auto* converted = std::get_if<protocol::Converted>(&message)) {
    if (!finish(conversions_, std::move(*converted)))
      return end(Ending{Reason::unresponsive, "it converted a film that it was not given"});
    end(Ending{Reason::done, {}});
  } else {
    end(Ending{Reason::unresponsive, "it sent a message that only the daemon sends"});
  }
}

void Sandbox::on_pong(const protocol::Pong& pong) {
  // One that was frozen answers an older ping late.
  if (pong.id > last_ping_)
    return end(Ending{Reason::unresponsive, "it answered a ping that it was not sent"});
  if (pong.id == last_ping_) asked_.reset();
  last_pong_ = std::chrono::steady_clock::now();
  if (pong.earlier_transfers > earlier_.transfers) return end(invented());
  if (pong.earlier_transfers > 0 && pong.earlier_bytes != earlier_.bytes) {
    touch("went on sending what an earlier daemon began");
    earlier_progress_ = true;
  }
  earlier_ = Earlier{pong.earlier_transfers, pong.earlier_bytes};
}

void Sandbox::on_attempt(protocol::Attempt attempt) {
  if (verifying_ != attempt.id || attempts_.size() >= protocol::kMaxAttempts) {
    return end(Ending{Reason::unresponsive, "it reported attempts that it was not asked for"});
  }
  attempts_.push_back(std::move(attempt));
}

void Sandbox::lose_everything() {
  for (const auto& [id, running] : std::exchange(answers_, {})) {
    films_lost_.insert(running.film);
    running.pending->set(std::nullopt);
  }
  for (const auto& [id, pending] : std::exchange(indexes_, {})) pending->set(std::nullopt);
  for (const auto& [id, pending] : std::exchange(pictures_, {})) pending->set(std::nullopt);
  for (const auto& [id, pending] : std::exchange(conversions_, {})) pending->set(std::nullopt);
}

}  // namespace carrel::sandbox
