#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "hwtune/machine/root.hpp"

/// What was there before hwtune changed it: on the disk before the first change, and until all is undone.
namespace carrel::hwtune::tune {

struct RecordedFile {
  std::string path;                  ///< it was not there before
  std::vector<std::string> written;  ///< the latest last; a crash may leave any of them

  friend bool operator==(const RecordedFile&, const RecordedFile&) = default;
};

struct RecordedValue {
  std::string path;
  std::string before;                ///< as the kernel showed it
  std::vector<std::string> written;  ///< the latest last

  friend bool operator==(const RecordedValue&, const RecordedValue&) = default;
};

struct Record {
  std::vector<RecordedFile> files;
  std::vector<RecordedValue> values;
  std::vector<std::string> directories;  ///< made for the files; the outer ones first

  friend bool operator==(const Record&, const Record&) = default;
};

inline constexpr char kRecordDirectory[] = "var/lib/carrel-hwtune";
inline constexpr char kRecordFile[] = "var/lib/carrel-hwtune/before.json";

[[nodiscard]] std::string text_of(const Record& record);
/// None: nothing is changed. ErrorKind::invalid: it is there and not understood.
[[nodiscard]] Result<std::optional<Record>> read_record(const machine::Root& root);

/// One of hwtune's files as it is now; none: it is not there. ErrorKind::conflict: a link has its name, which
/// is somebody else's wherever it leads; one to /dev/null keeps the file from being read.
[[nodiscard]] Result<std::optional<std::string>> read_own_file(const machine::Root& root,
                                                               const std::string& path);

}  // namespace carrel::hwtune::tune
