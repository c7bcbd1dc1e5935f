#pragma once

#include <filesystem>

namespace carrel::test {

/// A certificate for "carrel.test" and its key, in PEM, signed by itself. The key
/// is enciphered if there is a passphrase.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const char* passphrase = nullptr);

}  // namespace carrel::test
