#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"

// OpenSSL's own name for what SSL_CTX is.
struct ssl_ctx_st;

namespace carrel::openssl {

/// A certificate with its key, and what a server does with them: TLS 1.2 and 1.3 with forward secrecy and
/// authenticated encryption, HTTP/1.1 by ALPN, no resumption, no renegotiation. Sessions keep what they
/// began with. Any thread may make one; one thread uses it.
class ServerContext {
 public:
  /// Of PEM files; fails when they are not what they should be, or do not belong together. Blocks.
  [[nodiscard]] static Result<std::shared_ptr<const ServerContext>> load(
      const std::filesystem::path& certificate, const std::filesystem::path& key);

  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;
  ~ServerContext();

  /// Unix time at which the certificate ends.
  [[nodiscard]] std::int64_t expires() const noexcept { return expires_; }
  /// "CN = example.org, …", for people.
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_; }

 private:
  explicit ServerContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
  std::int64_t expires_ = 0;
  std::string subject_;
};

}  // namespace carrel::openssl
