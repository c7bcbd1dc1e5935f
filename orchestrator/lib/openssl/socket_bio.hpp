#pragma once

#include <cstdint>

// OpenSSL's own name for what BIO is.
struct bio_st;

namespace carrel::openssl {

/// What a BIO writes to and reads from. Outlives it.
struct CountedSocket {
  int socket = -1;         ///< non-blocking or not: nothing here ever waits
  std::uint64_t sent = 0;  ///< bytes that the kernel has taken
};

/// OpenSSL's own one for sockets neither counts nor keeps SIGPIPE away. Freed by BIO_free or its SSL.
[[nodiscard]] bio_st* make_socket_bio(CountedSocket& socket);

}  // namespace carrel::openssl
