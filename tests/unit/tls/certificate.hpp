#pragma once

#include <filesystem>

namespace carrel::test {

/// A certificate for "carrel.test" and its key, in PEM, signed by itself.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace carrel::test
