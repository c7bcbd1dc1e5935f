#include "tests/integration/engine/tar.hpp"

#include <array>
#include <cstdio>

namespace carrel::test {
namespace {

constexpr std::size_t kBlock = 512;

void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

std::string octal(std::size_t value, int width) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*zo", width, value);
  return text.data();
}

}  // namespace

std::string tar_of(std::string_view name, std::string_view contents) {
  std::string header(kBlock, '\0');
  put(header, 0, name);
  put(header, 100, octal(0755, 7));
  put(header, 108, octal(0, 7));
  put(header, 116, octal(0, 7));
  put(header, 124, octal(contents.size(), 11));
  put(header, 136, octal(0, 11));
  put(header, 148, "        ");
  put(header, 156, "0");
  put(header, 257, std::string_view("ustar\00000", 8));
  std::size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, octal(sum, 6) + std::string("\0 ", 2));
  std::string tar = header;
  tar.append(contents);
  tar.append((kBlock - contents.size() % kBlock) % kBlock, '\0');
  tar.append(2 * kBlock, '\0');
  return tar;
}

}  // namespace carrel::test
