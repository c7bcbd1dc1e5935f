#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carrel::streamer {

/// Writes XML, indented, into a text that the caller owns.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& text) : text_(text) {}

  /// An element that is open while this lives. Elements nest as scopes do.
  class Scope {
   public:
    Scope(XmlWriter& writer, std::string_view name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    /// Before any content.
    Scope& attribute(std::string_view name, std::string_view value);
    Scope& attribute(std::string_view name, std::uint64_t value) {
      return attribute(name, std::to_string(value));
    }

   private:
    XmlWriter& writer_;
    std::string name_;
  };

  [[nodiscard]] Scope element(std::string_view name) { return Scope(*this, name); }
  /// An element with nothing but text in it.
  void text_element(std::string_view name, std::string_view content);

 private:
  void begin_line();
  /// Of characters that XML cannot hold spaces are left.
  void escaped(std::string_view value);

  std::string& text_;
  std::size_t depth_ = 0;
  bool in_tag_ = false;  ///< the last start tag has not been closed
};

}  // namespace carrel::streamer
