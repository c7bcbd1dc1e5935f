#include "hwtune/tune/view.hpp"

#include <algorithm>

#include "hwtune/machine/text.hpp"
#include "terminal/table.hpp"
#include "terminal/text_width.hpp"

namespace carrel::hwtune::tune {
namespace {

using nlohmann::json;
using terminal::Tone;

std::string marked(const std::string& line, Tone tone, const terminal::Style& style) {
  return terminal::painted(terminal::printable(line), tone, style) + "\n";
}

/// Lines that go and lines that come; these files are short, and their lines do not move.
std::string difference(const std::string& before, const std::string& after, const terminal::Style& style) {
  const auto old_lines = machine::lines_of(before);
  const auto new_lines = machine::lines_of(after);
  std::string text;
  for (const auto line : old_lines) {
    if (std::ranges::find(new_lines, line) == new_lines.end()) {
      text += marked("  - " + std::string(line), Tone::bad, style);
    }
  }
  for (const auto line : new_lines) {
    if (std::ranges::find(old_lines, line) == old_lines.end()) {
      text += marked("  + " + std::string(line), Tone::good, style);
    }
  }
  return text;
}

std::string values(const std::vector<LiveChange>& changes, const terminal::Style& style) {
  terminal::Table table{{{"SETTING"}, {"NOW"}, {"BECOMES"}, {"BECAUSE"}}, {}};
  for (const auto& change : changes) {
    table.rows.push_back({{change.name}, {change.now}, {change.wanted, Tone::good}, {change.why}});
  }
  return terminal::rendered(table, style);
}

}  // namespace

std::string view_of(const machine::Root& root, const Proposal& proposal, const terminal::Style& style) {
  std::string text;
  if (!proposal.live.empty()) text += values(proposal.live, style) + "\n";
  for (const auto& file : proposal.files) {
    const auto now = root.exists(file.path) ? root.read(file.path) : Result<std::string>(std::string());
    text += terminal::painted("/" + file.path, Tone::strong, style) + "\n";
    text += difference(now ? *now : std::string(), file.content, style);
  }
  for (const auto& path : proposal.stale) text += marked("/" + path + " is removed", Tone::bad, style);
  if (proposal.empty()) text += "Everything has the value that it should have; nothing to do.\n";
  if (!proposal.wanted.left.empty()) text += "\nLeft as it is:\n";
  for (const auto& left : proposal.wanted.left) text += marked("  " + left, Tone::faint, style);
  return text;
}

json json_of(const Proposal& proposal) {
  json made{{"values", json::array()},
            {"files", json::array()},
            {"removed", proposal.stale},
            {"left", proposal.wanted.left}};
  for (const auto& change : proposal.live) {
    made["values"].push_back({{"path", "/" + change.path},
                              {"name", change.name},
                              {"now", change.now},
                              {"becomes", change.wanted},
                              {"why", change.why}});
  }
  for (const auto& file : proposal.files) {
    made["files"].push_back({{"path", "/" + file.path}, {"content", file.content}});
  }
  return made;
}

std::string view_of(const Reverted& reverted, const terminal::Style& style) {
  std::string text;
  for (const auto& line : reverted.undone) text += marked(line, Tone::plain, style);
  for (const auto& line : reverted.kept) text += marked("kept: " + line, Tone::busy, style);
  if (text.empty()) text = "Nothing was changed by carrel-hwtune; nothing to undo.\n";
  return text;
}

json json_of(const Reverted& reverted) {
  return {{"undone", reverted.undone}, {"kept", reverted.kept}};
}

}  // namespace carrel::hwtune::tune
