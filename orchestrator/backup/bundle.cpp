#include "orchestrator/backup/bundle.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "orchestrator/backup/tar.hpp"
#include "orchestrator/lib/sodium/sha256.hpp"

namespace carrel::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::uint64_t kLargestManifest = 1 << 20;

Error damaged(const std::string& what) {
  return make_error(ErrorKind::invalid, "the backup is damaged: " + what);
}

void note_owner(Part& part, const struct stat& status) {
  const passwd* user = ::getpwuid(status.st_uid);
  if (user != nullptr) part.user = user->pw_name;
  const struct group* group = ::getgrgid(status.st_gid);
  if (group != nullptr) part.group = group->gr_name;
}

/// Its size and checksum; with a writer, also its content.
Result<Part> read_part(const Source& source, Writer* writer) {
  Part part{source.name, {}, 0, {}, 0600};
  struct stat status {};
  if (::stat(source.file.c_str(), &status) != 0) return errno_error("look at " + source.file.string(), errno);
  part.mode = status.st_mode & 0777;
  if (source.remember_origin) {
    part.origin = source.file.string();
    note_owner(part, status);
  }
  auto file = read_file(source.file, {});
  if (file.has_error()) return file.error();
  sodium::Sha256 sum;
  for (;;) {
    const auto bytes = (*file)->read(kPiece);
    if (bytes.has_error()) return bytes.error();
    if (bytes->empty()) break;
    part.size += bytes->size();
    sum.update(*bytes);
    if (writer == nullptr) continue;
    const auto written = writer->write(*bytes);
    if (written.has_error()) return written.error();
  }
  part.sha256 = sum.digest();
  return part;
}

Result<void> write_part(Writer& writer, const Source& source, const Part& part, std::int64_t made_at) {
  auto written = writer.write(tar::head({part.name, part.size}, made_at));
  if (!written) return written;
  const auto again = read_part(source, &writer);
  if (again.has_error()) return again.error();
  if (again->size != part.size || again->sha256 != part.sha256) {
    return make_error(ErrorKind::conflict, source.file.string() + " changed while it was read; try again");
  }
  return writer.write(std::string(tar::padding(part.size), '\0'));
}

Result<std::string> read_exactly(Reader& reader, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    auto more = reader.read(size - bytes.size());
    if (more.has_error()) return more.error();
    if (more->empty()) return damaged("it is cut off");
    bytes += *more;
  }
  return bytes;
}

Result<tar::Entry> next_entry(Reader& reader) {
  const auto block = read_exactly(reader, tar::kBlock);
  if (block.has_error()) return block.error();
  return tar::parse_head(*block);
}

Result<void> skip_padding(Reader& reader, std::uint64_t size) {
  const auto padding = read_exactly(reader, tar::padding(size));
  if (padding.has_error()) return padding.error();
  if (!tar::is_end(*padding)) return damaged("there is something between two parts");
  return {};
}

Result<Manifest> read_manifest(Reader& reader) {
  const auto entry = next_entry(reader);
  if (entry.has_error()) return entry.error();
  if (entry->name != kManifestName || entry->size > kLargestManifest) return damaged("it has no manifest");
  const auto text = read_exactly(reader, static_cast<std::size_t>(entry->size));
  if (text.has_error()) return text.error();
  const auto skipped = skip_padding(reader, entry->size);
  if (skipped.has_error()) return skipped.error();
  return parse_manifest(*text);
}

Result<void> take_part(Reader& reader, const Part& part, const Sink& sink) {
  const auto entry = next_entry(reader);
  if (entry.has_error()) return entry.error();
  if (entry->name != part.name || entry->size != part.size)
    return damaged(part.name + " is not where it should be");
  if (sink.begin) {
    auto begun = sink.begin(part);
    if (!begun) return begun;
  }
  sodium::Sha256 sum;
  for (std::uint64_t left = part.size; left > 0;) {
    const auto bytes = reader.read(static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece)));
    if (bytes.has_error()) return bytes.error();
    if (bytes->empty()) return damaged("it is cut off");
    left -= bytes->size();
    sum.update(*bytes);
    if (!sink.bytes) continue;
    auto taken = sink.bytes(*bytes);
    if (!taken) return taken;
  }
  if (sum.digest() != part.sha256) return damaged(part.name + " is not what it was");
  if (sink.end) {
    auto ended = sink.end();
    if (!ended) return ended;
  }
  return skip_padding(reader, part.size);
}

}  // namespace

Result<void> write_bundle(Writer& writer, Manifest& manifest, const std::vector<Source>& sources) {
  manifest.parts.clear();
  for (const Source& source : sources) {
    auto part = read_part(source, nullptr);
    if (part.has_error()) return part.error();
    manifest.parts.push_back(std::move(*part));
  }
  const std::string text = to_json(manifest);
  // What could not be read back must not be taken for a backup.
  const auto parsed = parse_manifest(text);
  if (parsed.has_error()) return parsed.error();
  auto written = writer.write(tar::head({kManifestName, text.size()}, manifest.made_at) + text +
                              std::string(tar::padding(text.size()), '\0'));
  if (!written) return written;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    written = write_part(writer, sources[i], manifest.parts[i], manifest.made_at);
    if (!written) return written;
  }
  written = writer.write(tar::end());
  if (!written) return written;
  return writer.finish();
}

Result<Manifest> read_bundle(Reader& reader, const Sink& sink) {
  auto manifest = read_manifest(reader);
  if (manifest.has_error()) return manifest;
  for (const Part& part : manifest->parts) {
    const auto taken = take_part(reader, part, sink);
    if (taken.has_error()) return taken.error();
  }
  const auto end = read_exactly(reader, tar::end().size());
  if (end.has_error()) return end.error();
  if (!tar::is_end(*end)) return damaged("it has more parts than its manifest");
  const auto more = reader.read(1);
  if (more.has_error()) return more.error();
  if (!more->empty()) return damaged("something follows its end");
  return manifest;
}

Result<Manifest> unpack_bundle(Reader& reader, const fs::path& folder) {
  std::unique_ptr<Writer> file;
  const Sink sink{[&](const Part& part) -> Result<void> {
                    const fs::path path = folder / part.name;
                    std::error_code failed;
                    fs::create_directories(path.parent_path(), failed);
                    auto opened = write_file(path, {});
                    if (opened.has_error()) return opened.error();
                    file = std::move(*opened);
                    return {};
                  },
                  [&](std::string_view bytes) { return file->write(bytes); }, [&] { return file->finish(); }};
  return read_bundle(reader, sink);
}

}  // namespace carrel::backup
