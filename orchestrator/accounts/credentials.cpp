#include "orchestrator/accounts/credentials.hpp"

#include "orchestrator/lib/sodium/random.hpp"

namespace carrel::accounts {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t min_password = 10;
constexpr std::size_t max_password = 256;
constexpr std::size_t generated_bytes = 18;

}  // namespace

Result<std::string> normalise_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
  std::string normal(name.substr(0, max_name + 1));
  for (char& c : normal) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (normal.empty() || normal.size() > max_name || normal.find_first_not_of(allowed) != std::string::npos) {
    return make_error(
        ErrorKind::invalid,
        "A user name has 1 to 64 letters (a to z), digits, dots, underscores, hyphens or @ signs.");
  }
  return normal;
}

Result<void> check_new_password(std::string_view password) {
  if (password.size() < min_password) {
    return make_error(ErrorKind::invalid, "A password needs at least 10 characters; this one has " +
                                              std::to_string(password.size()) + ".");
  }
  if (password.size() > max_password) {
    return make_error(ErrorKind::invalid, "A password has at most 256 bytes; this one has " +
                                              std::to_string(password.size()) + ".");
  }
  return {};
}

std::string generate_password() {
  return sodium::random_token(generated_bytes);
}

}  // namespace carrel::accounts
