#include <algorithm>
#include <filesystem>

#include "hwtune/tune/tune.hpp"

namespace carrel::hwtune::tune {
namespace {

Untouched untouched_of(const Record& record) {
  Untouched untouched;
  for (const auto& value : record.values) untouched.emplace_back(value.path, value.before);
  return untouched;
}

void remember(std::vector<std::string>& written, const std::string& latest) {
  if (!written.empty() && written.back() == latest) return;
  std::erase(written, latest);
  written.push_back(latest);
}

Error edited(const std::string& path) {
  return make_error(ErrorKind::conflict,
                    "/" + path + " was edited by somebody else; move it away, or run carrel-hwtune revert");
}

Result<void> add_file(const machine::Root& root, const WantedFile& file, Proposal& proposal) {
  const auto recorded = std::ranges::find(proposal.record.files, file.path, &RecordedFile::path);
  const bool known = recorded != proposal.record.files.end();
  const auto read = read_own_file(root, file.path);
  if (read.has_error()) return read.error();
  const auto& now = *read;
  if (now && !known) {
    return make_error(
        ErrorKind::conflict,
        "/" + file.path + " is there, and no record says that carrel-hwtune made it; move it away");
  }
  if (now && std::ranges::find(recorded->written, *now) == recorded->written.end()) return edited(file.path);
  if (now != file.content) proposal.files.push_back(file);
  if (known) {
    remember(recorded->written, file.content);
  } else {
    proposal.record.files.push_back({file.path, {file.content}});
  }
  return {};
}

Result<void> add_value(const machine::Root& root, const LiveChange& change, Proposal& proposal) {
  const auto recorded = std::ranges::find(proposal.record.values, change.path, &RecordedValue::path);
  if (recorded != proposal.record.values.end()) {
    const bool known = change.now == meaning_of(recorded->before) ||
                       std::ranges::find(recorded->written, change.now) != recorded->written.end();
    if (!known) {
      proposal.wanted.left.push_back(change.name + ": somebody else has set it to " + change.now);
      return {};
    }
    if (change.now != change.wanted) proposal.live.push_back(change);
    remember(recorded->written, change.wanted);
    return {};
  }
  const auto before = root.read(change.path);
  if (before.has_error()) return before.error();
  if (change.now != change.wanted) proposal.live.push_back(change);
  proposal.record.values.push_back({change.path, *before, {change.wanted}});
  return {};
}

/// Values that an earlier apply() set, when the machine or its library was another: they get back what was
/// there before. They stay in the record, so that a crash on the way there loses nothing.
void add_unwanted(const machine::Root& root, Proposal& proposal) {
  for (const auto& recorded : proposal.record.values) {
    const auto& wanted = proposal.wanted.live;
    if (std::ranges::find(wanted, recorded.path, &LiveChange::path) != wanted.end()) continue;
    const auto& others = proposal.wanted.others;
    if (std::ranges::find(others, recorded.path) != others.end()) continue;
    const auto text = root.text(recorded.path);
    if (!text) continue;  // its device is not there any more
    const std::string now = meaning_of(*text);
    const std::string before = meaning_of(recorded.before);
    const bool ours = std::ranges::find(recorded.written, now) != recorded.written.end();
    if (!ours || now == before) continue;
    proposal.live.push_back({recorded.path, "/" + recorded.path, now, before, "wanted no more: as it was"});
  }
}

/// Files that an earlier apply() wrote, when the machine was another.
Result<void> add_stale(const machine::Root& root, Proposal& proposal) {
  for (const auto& recorded : proposal.record.files) {
    const bool wanted = std::ranges::find(proposal.wanted.files, recorded.path, &WantedFile::path) !=
                        proposal.wanted.files.end();
    if (wanted) continue;
    const auto read = read_own_file(root, recorded.path);
    if (read.has_error()) return read.error();
    const auto& now = *read;
    if (!now) continue;
    if (std::ranges::find(recorded.written, *now) == recorded.written.end()) return edited(recorded.path);
    proposal.stale.push_back(recorded.path);
  }
  return {};
}

void add_directories(const machine::Root& root, Proposal& proposal) {
  for (const auto& file : proposal.files) {
    std::vector<std::string> missing;
    for (auto parent = std::filesystem::path(file.path).parent_path(); !parent.empty() && parent != "etc";
         parent = parent.parent_path()) {
      if (!root.exists(parent.string())) missing.insert(missing.begin(), parent.string());
    }
    for (auto& each : missing) {
      auto& known = proposal.record.directories;
      if (std::ranges::find(known, each) == known.end()) known.push_back(std::move(each));
    }
  }
}

}  // namespace

Result<Proposal> propose(const machine::Root& root, const machine::Facts& facts) {
  auto before = read_record(root);
  if (before.has_error()) return make_error(ErrorKind::conflict, before.error().message);
  Proposal proposal;
  if (*before) proposal.record = **before;
  proposal.wanted = wanted_of(root, facts, untouched_of(proposal.record));
  for (const auto& file : proposal.wanted.files) {
    const auto added = add_file(root, file, proposal);
    if (added.has_error()) return added.error();
  }
  for (const auto& change : proposal.wanted.live) {
    const auto added = add_value(root, change, proposal);
    if (added.has_error()) return added.error();
  }
  add_unwanted(root, proposal);
  const auto stale = add_stale(root, proposal);
  if (stale.has_error()) return stale.error();
  add_directories(root, proposal);
  proposal.recorded = *before && **before == proposal.record;
  return proposal;
}

Result<void> apply(const machine::Root& root, const Writer& writer, const Proposal& proposal) {
  if (proposal.empty()) return {};
  if (!root.exists("var/lib")) {
    return make_error(ErrorKind::not_found,
                      "there is no /var/lib, where the record of what was there before goes");
  }
  Result<void> done;
  if (!proposal.recorded) {
    done = writer.make_directory(kRecordDirectory);
    if (done.has_value()) done = writer.write_file(kRecordFile, text_of(proposal.record));
  }
  for (const auto& directory : proposal.record.directories) {
    if (done.has_value()) done = writer.make_directory(directory);
  }
  for (const auto& path : proposal.stale) {
    if (done.has_value()) done = writer.remove_file(path);
  }
  for (const auto& file : proposal.files) {
    if (done.has_value()) done = writer.write_file(file.path, file.content);
  }
  for (const auto& change : proposal.live) {
    if (done.has_value()) done = writer.write_live(change.path, change.wanted);
  }
  return done;
}

}  // namespace carrel::hwtune::tune
