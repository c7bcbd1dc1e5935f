#include "orchestrator/observe/error_book.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace carrel::log {
namespace {

constexpr std::size_t kLongest = 512;
constexpr std::array<std::string_view, 6> kTelling{"where", "reason", "what", "detail", "message", "folders"};

std::string_view text_of(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value.get());
  return text == nullptr ? std::string_view() : *text;
}

std::string_view text_of(Fields fields, std::string_view key) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.key == key; });
  return found == fields.end() ? std::string_view() : text_of(*found);
}

std::string message_of(Fields fields) {
  std::string message;
  for (const std::string_view key : kTelling) {
    const std::string_view text = text_of(fields, key).substr(0, kLongest);
    if (!text.empty()) message.append(message.empty() ? "" : ": ").append(text);
  }
  return message;
}

/// Words that hold a digit are ids, sizes, times: "#".
std::string without_numbers(std::string_view text) {
  std::string result;
  std::string word;
  bool number = false;
  const auto end_word = [&] {
    result += number ? "#" : word;
    word.clear();
    number = false;
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_') {
      word += c;
      number = number || std::isdigit(byte) != 0;
      continue;
    }
    end_word();
    result += c;
  }
  end_word();
  return result;
}

}  // namespace

void ErrorBook::note(std::chrono::system_clock::time_point time, Level level, std::string_view event,
                     Fields fields) {
  std::string message = message_of(fields);
  std::string key = std::string(event) + " " + without_numbers(message);
  const std::lock_guard lock(mutex_);
  ++noted_;
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    entries_.push_front(Entry{std::move(key), {}});
    if (entries_.size() > kMost) entries_.pop_back();
  }
  ErrorGroup& group = entries_.front().group;
  if (group.count == 0) group.first = time;
  group.last = time;
  group.level = level;
  group.event = event;
  group.message = std::move(message);
  ++group.count;
  group.request = text_of(fields, "request");
  group.session = text_of(fields, "session");
  group.sandbox = text_of(fields, "sandbox");
}

std::vector<ErrorGroup> ErrorBook::groups() const {
  const std::lock_guard lock(mutex_);
  std::vector<ErrorGroup> result;
  result.reserve(entries_.size());
  for (const Entry& entry : entries_) result.push_back(entry.group);
  return result;
}

std::uint64_t ErrorBook::noted() const {
  const std::lock_guard lock(mutex_);
  return noted_;
}

ErrorBook& error_book() {
  static ErrorBook book;
  return book;
}

}  // namespace carrel::log
