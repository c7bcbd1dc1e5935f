#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "hwtune/machine/root.hpp"

namespace carrel::hwtune::tune {

/// The one that changes a machine, or a tree that stands for one. Each step that changes something is told
/// before it is done: tests end the program there.
class Writer {
 public:
  using BeforeStep = std::function<void(std::string_view step)>;

  explicit Writer(const machine::Root& root, BeforeStep before = {});

  /// In place of what has that name, all or nothing, and lasting when this returns.
  [[nodiscard]] Result<void> write_file(const std::string& path, const std::string& content) const;
  /// A value of the running kernel. On a tree the file is left as the kernel would show it.
  [[nodiscard]] Result<void> write_live(const std::string& path, const std::string& value) const;
  /// What the kernel showed before: on a tree to the byte.
  [[nodiscard]] Result<void> write_back(const std::string& path, const std::string& before) const;
  /// No error when it is not there.
  [[nodiscard]] Result<void> remove_file(const std::string& path) const;
  /// Its parent must be there; no error when it is there itself.
  [[nodiscard]] Result<void> make_directory(const std::string& path) const;
  /// Only when there is nothing in it.
  void remove_directory(const std::string& path) const;

  /// What a crash of write_file() may leave beside the file.
  [[nodiscard]] static std::string name_beside(const std::string& path);

 private:
  [[nodiscard]] Result<void> set(const std::string& path, const std::string& text) const;
  void step(std::string_view name) const {
    if (before_) before_(name);
  }

  const machine::Root& root_;
  BeforeStep before_;
};

}  // namespace carrel::hwtune::tune
