#include "certificate.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstring>

namespace carrel::test {

void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const char* passphrase) {
  EVP_PKEY* pair = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(made), 0);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, pair);
  X509_NAME* name = X509_get_subject_name(made);
  const auto* text = reinterpret_cast<const unsigned char*>("carrel.test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(made, name);
  X509_sign(made, pair, EVP_sha256());
  std::FILE* file = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(file, made);
  std::fclose(file);
  file = std::fopen(key.c_str(), "w");
  const EVP_CIPHER* cipher = passphrase == nullptr ? nullptr : EVP_aes_128_cbc();
  const auto* secret = reinterpret_cast<const unsigned char*>(passphrase);
  PEM_write_PrivateKey(file, pair, cipher, secret,
                       passphrase == nullptr ? 0 : static_cast<int>(std::strlen(passphrase)), nullptr,
                       nullptr);
  std::fclose(file);
  X509_free(made);
  EVP_PKEY_free(pair);
}

}  // namespace carrel::test
