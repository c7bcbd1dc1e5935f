#include "streamer/serve/server.hpp"

#include <algorithm>
#include <utility>

#include "streamer/serve/begin.hpp"

namespace carrel::streamer {
namespace {

constexpr std::uint64_t kLinkToken = 0;
constexpr std::uint64_t kTickerToken = 1;
constexpr std::uint64_t kFirstTransferToken = 2;
constexpr int kMessagesPerTurn = 16;

}  // namespace

Result<Server> Server::make(ControlLink link, Packager& packager, const ServerSettings& settings) {
  Result<Poller> poller = Poller::make();
  if (!poller) {
    return poller.error();
  }
  Result<Ticker> ticker = Ticker::make();
  if (!ticker) {
    return ticker.error();
  }
  return Server(std::move(link), packager, settings, std::move(*poller), std::move(*ticker));
}

Server::Server(ControlLink link, Packager& packager, const ServerSettings& settings, Poller poller,
               Ticker ticker)
    : link_(std::move(link)),
      packager_(&packager),
      settings_(settings),
      poller_(std::move(poller)),
      ticker_(std::move(ticker)),
      next_token_(kFirstTransferToken) {}

Result<void> Server::run() {
  Result<void> ready = poller_.add(ticker_.fd(), EPOLLIN, kTickerToken);
  if (!ready) {
    return ready;
  }
  ready = greet();
  if (!ready) {
    return ready;
  }
  const auto may_leave = [this] {
    return !link_.connected() && running_.empty() && (attempts_left_ == 0 || !link_.may_reconnect());
  };
  while (!may_leave()) {
    Result<std::span<const epoll_event>> events = poller_.wait(!making_.empty());
    if (!events) {
      return events.error();
    }
    for (const epoll_event& event : *events) {
      if (event.data.u64 == kTickerToken) {
        ready = try_again();
        if (!ready) {
          return ready;
        }
      } else if (event.data.u64 == kLinkToken) {
        on_link(event.events);
      } else if (const auto found = running_.find(event.data.u64); found != running_.end()) {
        on_transfer(found, event.events);
      }
    }
    make_more();
  }
  return {};
}

Result<void> Server::greet() {
  Result<void> watched = poller_.add(link_.fd(), EPOLLIN, kLinkToken);
  if (!watched) {
    return watched;
  }
  protocol::Hello hello;
  hello.earlier_transfers = static_cast<std::uint32_t>(running_.size());
  if (!link_.send(hello)) {
    lose_link();
  }
  return {};
}

void Server::watch_link() {
  if (link_.connected() && !poller_.change(link_.fd(), link_.backed_up() ? EPOLLOUT : EPOLLIN, kLinkToken)) {
    lose_link();
  }
}

void Server::lose_link() {
  poller_.remove(link_.fd());
  link_.drop();
  attempts_left_ = settings_.attempts;
  ticker_.start(settings_.retry);
}

Result<void> Server::try_again() {
  ticker_.acknowledge();
  if (link_.connected() || attempts_left_ == 0) {
    return {};
  }
  if (link_.reconnect()) {
    ticker_.stop();
    return greet();
  }
  // A transfer under way is reason enough to go on: the next daemon has to find it alive.
  if (running_.empty() && --attempts_left_ == 0) {
    ticker_.stop();
  }
  return {};
}

void Server::on_link(std::uint32_t events) {
  if (!link_.connected()) {
    return;
  }
  if ((events & EPOLLOUT) != 0 && !link_.flush()) {
    lose_link();
    return;
  }
  // EPOLLHUP and EPOLLERR are found out by receiving, after the requests that came before them.
  for (int i = 0; i < kMessagesPerTurn && link_.connected() && !link_.backed_up(); ++i) {
    if (!take_message()) {
      break;
    }
  }
  watch_link();
}

bool Server::take_message() {
  Result<std::optional<protocol::Received>> received = protocol::receive(link_.fd());
  if (!received) {
    lose_link();
    return false;
  }
  if (!*received) {
    return false;
  }
  if (const auto* ping = std::get_if<protocol::Ping>(&(*received)->message)) {
    tell(pong(ping->id));
    return true;
  }
  const auto* request = std::get_if<protocol::Serve>(&(*received)->message);
  if (request == nullptr) {
    lose_link();
    return false;
  }
  begin(*request, std::move((*received)->descriptors));
  return true;
}

void Server::begin(const protocol::Serve& request, std::vector<UniqueFd> descriptors) {
  if (running_.size() >= settings_.most_transfers) {
    descriptors.clear();
    refuse(request.id, "this sandbox already sends as many answers as it may; ask again later");
    return;
  }
  Result<Transfer> transfer = begin_transfer(request, std::move(descriptors), *packager_);
  if (!transfer) {
    refuse(request.id, transfer.error().message);
    return;
  }
  Running running{request.id, link_.generation(), std::move(*transfer)};
  const Transfer::State state = running.transfer.advance(settings_.turn_bytes);
  if (state == Transfer::State::ended) {
    report(std::move(running));
    return;
  }
  const std::uint64_t token = next_token_++;
  Result<void> watched = poller_.add(running.transfer.answer_fd(), EPOLLOUT, token);
  if (!watched) {
    running.transfer.fail(watched.error().message);
    report(std::move(running));
    return;
  }
  const auto added = running_.emplace(token, std::move(running)).first;
  if (state == Transfer::State::making) {
    wait_to_be_made(added);
  }
}

void Server::on_transfer(Table::iterator found, std::uint32_t events) {
  Running& running = found->second;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    running.transfer.peer_gone();
    end(found);
  } else if (!running.making) {
    go_on(found, running.transfer.advance(settings_.turn_bytes));
  } else if ((events & EPOLLRDHUP) != 0) {
    // Most probably it does not want its answer any more: a player that seeks. Others first, then.
    std::erase(making_, found->first);
    making_.push_back(found->first);
    if (!poller_.change(running.transfer.answer_fd(), 0, found->first)) {
      running.transfer.fail("the answer cannot be watched");
      end(found);
    }
  }
}

void Server::go_on(Table::iterator found, Transfer::State state) {
  if (state == Transfer::State::ended) {
    end(found);
  } else if (state == Transfer::State::making) {
    wait_to_be_made(found);
  }
}

void Server::wait_to_be_made(Table::iterator found) {
  found->second.making = true;
  making_.push_back(found->first);
  if (!poller_.change(found->second.transfer.answer_fd(), EPOLLRDHUP, found->first)) {
    found->second.transfer.fail("the answer cannot be watched");
    end(found);
  }
}

void Server::make_more() {
  if (making_.empty()) {
    return;
  }
  const auto found = running_.find(making_.front());
  Transfer& transfer = found->second.transfer;
  const auto until = std::chrono::steady_clock::now() + settings_.making_turn;
  const Transfer::State state = transfer.make_more(until);
  if (state == Transfer::State::making) {
    return;
  }
  making_.pop_front();
  found->second.making = false;
  if (state == Transfer::State::ready && !poller_.change(transfer.answer_fd(), EPOLLOUT, found->first)) {
    transfer.fail("the answer cannot be watched");
    end(found);
    return;
  }
  go_on(found, state);
}

void Server::end(Table::iterator found) {
  if (found->second.making) {
    std::erase(making_, found->first);
  }
  poller_.remove(found->second.transfer.answer_fd());
  Running ended = std::move(found->second);
  running_.erase(found);
  report(std::move(ended));
}

void Server::report(Running ended) {
  protocol::Done done;
  done.id = ended.id;
  done.outcome = ended.transfer.outcome();
  done.status = ended.transfer.status();
  done.bytes = ended.transfer.bytes_sent();
  done.first_byte_us = static_cast<std::uint64_t>(ended.transfer.first_byte_after().count());
  done.detail = ended.transfer.detail().substr(0, protocol::kMaxText);
  done.bad_variants = ended.transfer.bad_variants();
  const bool current = ended.generation == link_.generation();
  {
    // The daemon may use the connection again as soon as it reads Done.
    const Transfer closing = std::move(ended.transfer);
  }
  if (current) {
    tell(std::move(done));
  }
}

void Server::refuse(protocol::RequestId id, const std::string& why) {
  protocol::Done done;
  done.id = id;
  done.outcome = protocol::Outcome::internal;
  done.detail = why.substr(0, protocol::kMaxText);
  tell(std::move(done));
}

protocol::Pong Server::pong(protocol::RequestId id) const {
  protocol::Pong pong{.id = id};
  for (const auto& [token, running] : running_) {
    if (running.generation == link_.generation()) {
      continue;
    }
    ++pong.earlier_transfers;
    pong.earlier_bytes += running.transfer.bytes_sent();
  }
  return pong;
}

void Server::tell(protocol::Message message) {
  if (!link_.connected()) {
    return;
  }
  if (!link_.send(std::move(message))) {
    lose_link();
    return;
  }
  if (link_.backed_up()) {
    watch_link();
  }
}

}  // namespace carrel::streamer
