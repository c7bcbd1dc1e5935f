#include <algorithm>

#include "hwtune/tune/tune.hpp"

namespace carrel::hwtune::tune {
namespace {

enum class Fate { gone, back, kept };

struct Judged {
  Fate fate = Fate::gone;
  std::string now;
};

Judged judge(const machine::Root& root, const RecordedFile& file) {
  const auto now = read_own_file(root, file.path);
  if (now.has_error()) return {Fate::kept, {}};
  if (!*now) return {Fate::gone, {}};
  const bool ours = std::ranges::find(file.written, **now) != file.written.end();
  return {ours ? Fate::back : Fate::kept, **now};
}

Judged judge(const machine::Root& root, const RecordedValue& value) {
  const auto text = root.text(value.path);
  if (!text) return {Fate::gone, {}};  // its device is not there any more
  std::string now = meaning_of(*text);
  if (now == meaning_of(value.before)) return {Fate::gone, now};
  const bool ours = std::ranges::find(value.written, now) != value.written.end();
  return {ours ? Fate::back : Fate::kept, now};
}

Reverted outcome_of(const machine::Root& root, const Record& record) {
  Reverted reverted;
  for (const auto& value : record.values) {
    const Judged judged = judge(root, value);
    const std::string before = meaning_of(value.before);
    if (judged.fate == Fate::back)
      reverted.undone.push_back("/" + value.path + ": " + judged.now + " → " + before);
    if (judged.fate == Fate::kept) {
      reverted.kept.push_back("/" + value.path + " is " + judged.now +
                              ", which somebody else set; before it was " + before);
    }
  }
  for (const auto& file : record.files) {
    const Judged judged = judge(root, file);
    if (judged.fate == Fate::back) reverted.undone.push_back("/" + file.path + " removed");
    if (judged.fate != Fate::kept) continue;
    const char* by_whom =
        root.link(file.path) ? " is a link, which somebody else made" : " was edited by somebody else";
    reverted.kept.push_back("/" + file.path + by_whom);
  }
  return reverted;
}

Result<void> bring_back(const machine::Root& root, const Writer& writer, const Record& record) {
  // Files first: after a crash in between, a reboot brings none of hwtune's values back.
  for (const auto& file : record.files) {
    const auto cleaned = writer.remove_file(Writer::name_beside(file.path));
    if (cleaned.has_error()) return cleaned;
    if (judge(root, file).fate != Fate::back) continue;
    const auto removed = writer.remove_file(file.path);
    if (removed.has_error()) return removed;
  }
  for (auto directory = record.directories.rbegin(); directory != record.directories.rend(); ++directory) {
    writer.remove_directory(*directory);
  }
  for (const auto& value : record.values) {
    if (judge(root, value).fate != Fate::back) continue;
    const auto set = writer.write_back(value.path, value.before);
    if (set.has_error()) return set;
  }
  return {};
}

}  // namespace

Result<Reverted> propose_revert(const machine::Root& root) {
  const auto record = read_record(root);
  if (record.has_error()) return make_error(ErrorKind::conflict, record.error().message);
  return *record ? outcome_of(root, **record) : Reverted{};
}

Result<Reverted> revert(const machine::Root& root, const Writer& writer) {
  const auto record = read_record(root);
  if (record.has_error()) return make_error(ErrorKind::conflict, record.error().message);
  Reverted reverted;
  Result<void> done;
  if (*record) {
    reverted = outcome_of(root, **record);
    done = bring_back(root, writer, **record);
    // Last: whatever happens before, this can be begun anew.
    if (done.has_value()) done = writer.remove_file(kRecordFile);
  }
  if (done.has_value() && root.exists(kRecordDirectory)) {
    done = writer.remove_file(Writer::name_beside(kRecordFile));
    if (done.has_value()) writer.remove_directory(kRecordDirectory);
  }
  if (done.has_error()) return done.error();
  return reverted;
}

}  // namespace carrel::hwtune::tune
