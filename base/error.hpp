#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace carrel {

/// What a caller can decide on. Everything else about an error is for people, in the message.
enum class ErrorKind {
  invalid,      ///< the input is wrong; asking again with the same input fails again
  not_found,    ///< the named thing does not exist
  forbidden,    ///< it exists and this caller may not have it
  conflict,     ///< it exists already, or its state does not allow this
  busy,         ///< a bound is reached; later it may work
  unavailable,  ///< a part that is needed does not answer
  timeout,      ///< a deadline passed
  internal,     ///< the operating system or a library failed in a way nobody asked for
};

/// An expected failure. The message says what was wrong, where, and what to do.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
};

/// Found by boost::system::result when value() is called on an error: that is a bug in the caller.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] inline Error make_error(ErrorKind kind, std::string message) {
  return Error{kind, std::move(message)};
}

/// An error from errno; `what` names the call and the object, e.g. "open /srv/films/a.mp4".
[[nodiscard]] Error errno_error(const std::string& what, int errno_value);

}  // namespace carrel
