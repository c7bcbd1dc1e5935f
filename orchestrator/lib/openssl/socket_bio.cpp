#include "orchestrator/lib/openssl/socket_bio.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace carrel::openssl {
namespace {

bool is_temporary(int error) {
  return error == EAGAIN || error == EINTR;
}

int write_some(BIO* bio, const char* bytes, int size) {
  auto& to = *static_cast<CountedSocket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t done = ::send(to.socket, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (done < 0) {
    if (is_temporary(errno)) BIO_set_retry_write(bio);
    return -1;
  }
  to.sent += static_cast<std::uint64_t>(done);
  return static_cast<int>(done);
}

int read_some(BIO* bio, char* bytes, int size) {
  const auto& from = *static_cast<CountedSocket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t done = ::recv(from.socket, bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (done < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(done);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int set_up(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

/// For the whole life of the program.
const BIO_METHOD* method() {
  static const BIO_METHOD* const made = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "counted socket");
    if (fresh == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(fresh, write_some);
    BIO_meth_set_read(fresh, read_some);
    BIO_meth_set_ctrl(fresh, control);
    BIO_meth_set_create(fresh, set_up);
    return fresh;
  }();
  return made;
}

}  // namespace

BIO* make_socket_bio(CountedSocket& socket) {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &socket);
  return bio;
}

}  // namespace carrel::openssl
