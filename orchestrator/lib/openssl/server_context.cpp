#include "orchestrator/lib/openssl/server_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>

#include "orchestrator/lib/openssl/error.hpp"

namespace carrel::openssl {
namespace {

// TLS 1.3's own suites are all as good.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kProtocol[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kProtocol, sizeof kProtocol, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 section 3.2
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// OpenSSL's own would ask at the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

int use_key(SSL_CTX* context, const std::filesystem::path& file, bool& has_passphrase) {
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &has_passphrase);
  const int used = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  return used;
}

Error failure(const std::string& what) {
  const std::string why = take_errors();
  return make_error(ErrorKind::invalid, what + (why.empty() ? "" : ": " + why));
}

void set_up(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

std::int64_t unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) : 0;
}

std::string text_of(const X509_NAME* name) {
  BIO* memory = BIO_new(BIO_s_mem());
  X509_NAME_print_ex(memory, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
  BIO_free(memory);
  return text;
}

}  // namespace

ServerContext::~ServerContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const ServerContext>> ServerContext::load(const std::filesystem::path& certificate,
                                                                 const std::filesystem::path& key) {
  ERR_clear_error();
  SSL_CTX* made = SSL_CTX_new(TLS_server_method());
  if (made == nullptr) return failure("set TLS up");
  const std::shared_ptr<ServerContext> context(new ServerContext(made));
  set_up(made);
  if (SSL_CTX_set_cipher_list(made, kCiphers) != 1) return failure("set the ciphers of TLS");
  if (SSL_CTX_use_certificate_chain_file(made, certificate.c_str()) != 1) {
    return failure("http.tls_certificate: " + certificate.string() +
                   " is no certificate in PEM that can be used");
  }
  bool has_passphrase = false;
  if (use_key(made, key, has_passphrase) != 1) {
    const Error unusable = failure("http.tls_key: " + key.string() +
                                   " is no private key in PEM that belongs to the certificate");
    if (!has_passphrase) return unusable;
    return make_error(ErrorKind::invalid, "http.tls_key: " + key.string() +
                                              " has a passphrase, which nobody can give at a "
                                              "start; write it anew without one: openssl pkey -in " +
                                              key.string() + " -out NEW");
  }
  if (SSL_CTX_check_private_key(made) != 1) {
    return failure("http.tls_key: " + key.string() + " does not belong to the certificate");
  }
  const X509* leaf = SSL_CTX_get0_certificate(made);
  context->expires_ = unix_time(X509_get0_notAfter(leaf));
  context->subject_ = text_of(X509_get_subject_name(leaf));
  return std::shared_ptr<const ServerContext>(context);
}

}  // namespace carrel::openssl
