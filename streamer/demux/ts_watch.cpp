#include "streamer/demux/ts_watch.hpp"

#include <algorithm>

#include "streamer/demux/ts_packets.hpp"

namespace carrel::streamer {
namespace {

constexpr unsigned kPids = 8192;
constexpr unsigned kSure = 16;             // packets in a row: damage turns single bits over
constexpr std::size_t kMostTables = 1000;  // versions of programmes, and PIDs with tables
constexpr std::size_t kSectionHead = 8, kChecksum = 4;

unsigned byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<unsigned>(bytes[at]);
}

unsigned number_at(std::span<const std::byte> bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

}  // namespace

TsWatch::TsWatch() : encrypted_(kPids) {
  sections_[0];  // of the programme association table
}

void TsWatch::see(std::uint64_t offset, std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (stride_ != 0) at += static_cast<std::size_t>((phase_ + stride_ - (offset + at) % stride_) % stride_);
    if (at + kTsPacketBytes > bytes.size()) return;
    if (stride_ == 0 || bytes[at] != kTsSync) {
      const auto step = ts_step_in(bytes.subspan(at), stride_);
      if (!step) return;
      stride_ = step->stride;
      at += step->begin;
      phase_ = (offset + at) % stride_;
      continue;
    }
    meet(offset + at, bytes.subspan(at, kTsPacketBytes));
    at += stride_;
  }
}

void TsWatch::meet(std::uint64_t position, std::span<const std::byte> packet) {
  const unsigned flags = byte_at(packet, 1), control = byte_at(packet, 3);
  const unsigned pid = (flags & 0x1f) << 8 | byte_at(packet, 2);
  const bool damaged = (flags & 0x80) != 0, has_payload = (control & 0x10) != 0;
  if (damaged || !has_payload) return;
  Encrypted& stream = encrypted_[pid];
  const bool encrypted = (control & 0xc0) != 0;
  if (encrypted && stream.run++ == 0) stream.begin = position;
  if (!encrypted) stream.run = 0;
  if (stream.run >= kSure) stream.first = std::min(stream.first.value_or(stream.begin), stream.begin);
  const std::size_t head = 4 + ((control & 0x20) != 0 ? 1 + byte_at(packet, 4) : 0);
  if (!encrypted && head < packet.size()) meet_section(pid, (flags & 0x40) != 0, packet.subspan(head));
}

void TsWatch::meet_section(unsigned pid, bool begins, std::span<const std::byte> payload) {
  const auto found = sections_.find(pid);
  if (found == sections_.end()) return;
  std::vector<std::byte>& section = found->second;
  if (begins) {
    section.clear();
    payload = payload.subspan(std::min(payload.size(), 1 + std::size_t{byte_at(payload, 0)}));
  } else if (section.empty()) {
    return;
  }
  section.insert(section.end(), payload.begin(), payload.end());
  if (section.size() < kSectionHead) return;
  const std::size_t length = 3 + (number_at(section, 1) & 0xfff);
  if (section.size() < length) return;
  const std::vector<std::byte> whole = std::exchange(section, {});
  const bool current = (byte_at(whole, 5) & 1) != 0;
  if (length < kSectionHead + kChecksum || !current) return;
  const auto content = std::span(whole).first(length - kChecksum);
  constexpr unsigned associations = 0, map = 2;
  if (pid == 0 && byte_at(whole, 0) == associations) read_associations(content);
  if (pid != 0 && byte_at(whole, 0) == map) read_map(content);
}

void TsWatch::read_associations(std::span<const std::byte> section) {
  for (std::size_t at = kSectionHead; at + 4 <= section.size(); at += 4)
    if (number_at(section, at) != 0 && sections_.size() < kMostTables)
      sections_[number_at(section, at + 2) & 0x1fff];
}

void TsWatch::read_map(std::span<const std::byte> section) {
  constexpr std::size_t head = 12, entry = 5;
  if (section.size() < head || programmes_.size() >= kMostTables) return;
  std::set<unsigned> streams;
  for (std::size_t at = head + (number_at(section, 10) & 0xfff); at + entry <= section.size();
       at += entry + (number_at(section, at + 3) & 0xfff))
    streams.insert(number_at(section, at + 1) & 0x1fff);
  programmes_.emplace(number_at(section, 3), std::move(streams));
}

std::optional<std::uint64_t> TsWatch::encrypted_from(int pid) const {
  return pid >= 0 && pid < static_cast<int>(kPids) ? encrypted_[static_cast<std::size_t>(pid)].first
                                                   : std::nullopt;
}

std::string TsWatch::apart(int pid, int picture) const {
  std::set<unsigned> own, of_picture;  // numbers of programmes
  for (const auto& [number, streams] : programmes_) {
    const bool named = streams.contains(static_cast<unsigned>(pid));
    const bool with_picture = streams.contains(static_cast<unsigned>(picture));
    if (named && with_picture) return {};
    if (named) own.insert(number);
    if (with_picture) of_picture.insert(number);
  }
  if (own.empty() || of_picture.empty()) return {};
  const bool shares = std::ranges::any_of(own, [&](unsigned number) { return of_picture.contains(number); });
  return shares ? "another part of the film, which has another picture" : "another programme";
}

}  // namespace carrel::streamer
