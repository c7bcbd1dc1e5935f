#include "orchestrator/lib/openssl/session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "orchestrator/lib/openssl/error.hpp"
#include "orchestrator/lib/openssl/socket_bio.hpp"

namespace carrel::openssl {

struct Session::State {
  std::shared_ptr<const ServerContext> context;
  CountedSocket socket;
  SSL* ssl = nullptr;
};

Session::Session(std::shared_ptr<const ServerContext> context, int socket)
    : state_(std::make_unique<State>(State{std::move(context), {socket, 0}, nullptr})) {
  SSL* ssl = SSL_new(state_->context->get());
  if (ssl == nullptr) throw std::bad_alloc();
  BIO* bio = make_socket_bio(state_->socket);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
  state_->ssl = ssl;
}

Session::~Session() {
  SSL_free(state_->ssl);
}

Step Session::step_of(int result) {
  if (result > 0) return {Step::State::done, static_cast<std::size_t>(result)};
  const int system_error = errno;
  switch (SSL_get_error(state_->ssl, result)) {
    case SSL_ERROR_WANT_READ: return {Step::State::want_read};
    case SSL_ERROR_WANT_WRITE: return {Step::State::want_write};
    case SSL_ERROR_ZERO_RETURN: return {Step::State::closed};
    case SSL_ERROR_SYSCALL:
      failure_ = std::generic_category().message(system_error);
      ERR_clear_error();
      return {Step::State::failed};
    default: break;
  }
  // HTTP says itself where a message ends, so a connection that ends without a word is no attack.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  failure_ = take_errors();
  return {ended ? Step::State::closed : Step::State::failed};
}

Step Session::accept() {
  ERR_clear_error();
  return step_of(SSL_accept(state_->ssl));
}

Step Session::read(std::span<char> room) {
  ERR_clear_error();
  return step_of(SSL_read(state_->ssl, room.data(), static_cast<int>(room.size())));
}

Step Session::write(std::span<const char> bytes) {
  ERR_clear_error();
  return step_of(SSL_write(state_->ssl, bytes.data(), static_cast<int>(bytes.size())));
}

Step Session::close() {
  ERR_clear_error();
  const int result = SSL_shutdown(state_->ssl);
  // 0: said, and not yet answered, which nobody waits for.
  return result >= 0 ? Step{} : step_of(result);
}

std::uint64_t Session::sent() const noexcept {
  return state_->socket.sent;
}

std::string Session::version() const {
  return SSL_get_version(state_->ssl);
}

}  // namespace carrel::openssl
