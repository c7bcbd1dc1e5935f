#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace carrel::sodium {

/// SHA-256 of what is given piece by piece. One thread.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// In hexadecimal digits, as sha256sum prints it. Once, and last.
  [[nodiscard]] std::string digest();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace carrel::sodium
