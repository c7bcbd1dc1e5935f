#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace carrel::cli {

/// What carrelctl ends with; documented in its manual page and stable.
enum class ExitCode {
  ok = 0,
  failed = 1,       ///< the daemon, or this machine, could not do it
  usage = 2,        ///< the command line is wrong
  not_found = 3,    ///< the named thing does not exist
  refused = 4,      ///< this user, or this token, may not do it
  unreachable = 5,  ///< no daemon answers
};

/// Why a command did not do what was asked. The message says what to do, unless the remedy does.
struct Failure {
  ExitCode code = ExitCode::failed;
  std::string message;
  std::string remedy = {};
};

/// Found by boost::system::result when value() is called on a failure: that is a bug in the caller.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  throw std::logic_error("unchecked failure: " + failure.message);
}

template <class T>
using Answer = boost::system::result<T, Failure>;
using Done = Answer<void>;

/// For values that could become the other alternative as well, as JSON does.
template <class T>
[[nodiscard]] Answer<T> answer_of(T value) {
  return Answer<T>(boost::system::in_place_value, std::move(value));
}

[[nodiscard]] inline Failure fail(ExitCode code, std::string message, std::string remedy = {}) {
  return Failure{code, std::move(message), std::move(remedy)};
}

[[nodiscard]] inline Failure failed(const Error& error) {
  return fail(error.kind == ErrorKind::not_found ? ExitCode::not_found : ExitCode::failed, error.message);
}

/// A wrong value on the command line.
[[nodiscard]] inline Failure wrong_value(const Error& error) {
  return Failure{ExitCode::usage, error.message};
}

}  // namespace carrel::cli
