#include "streamer/serve/begin.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "streamer/protocol/plays.hpp"
#include "streamer/respond/respond.hpp"
#include "streamer/serve/hevc_marks.hpp"

namespace carrel::streamer {
namespace {

Result<void> check_answer(int answer) {
  const int flags = ::fcntl(answer, F_GETFL);
  if (flags < 0) {
    return errno_error("look at the answer's descriptor", errno);
  }
  // Setting the flag here would change it under the daemon, which shares the open file.
  if ((flags & O_NONBLOCK) == 0) {
    return make_error(ErrorKind::invalid,
                      "the answer's descriptor blocks; set O_NONBLOCK before handing it over");
  }
  return {};
}

Result<FilmFacts> look_at_film(int film) {
  struct stat found {};
  if (::fstat(film, &found) != 0) {
    return errno_error("look at the film", errno);
  }
  if (!S_ISREG(found.st_mode)) {
    return make_error(ErrorKind::invalid, "the film's descriptor is not a regular file");
  }
  FilmFacts facts;
  facts.size = static_cast<std::uint64_t>(found.st_size);
  facts.mtime_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  return facts;
}

/// A player that seeks asks for many ranges of one film; its boxes are gone through for the first alone.
const std::vector<std::uint64_t>& remembered_marks(int film, const FilmFacts& facts) {
  struct Remembered {
    dev_t device = 0;
    ino_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::vector<std::uint64_t> marks;
  };
  static thread_local std::optional<Remembered> last;
  struct stat found {};
  static const std::vector<std::uint64_t> none;
  if (::fstat(film, &found) != 0) return none;
  const bool same = last && last->device == found.st_dev && last->inode == found.st_ino &&
                    last->size == facts.size && last->mtime_ns == facts.mtime_ns;
  if (!same)
    last = Remembered{found.st_dev, found.st_ino, facts.size, facts.mtime_ns, hevc_marks(film, facts.size)};
  return last->marks;
}

Answer plan(const protocol::Serve& request, FilmFacts film, const std::vector<UniqueFd>& descriptors,
            Packager& packager) {
  if (request.resource == protocol::Resource::original) {
    const bool mark = (request.plays & protocol::kMarkHvc1) != 0;
    return plan_original(request, film,
                         mark ? remembered_marks(descriptors[1].get(), film) : std::vector<std::uint64_t>());
  }
  film.packaging = packager.version();
  const auto variants = std::span(descriptors).subspan(3);
  std::uint32_t bad = packager.bad_variants(variants);
  Result<Packaged> packaged = packager.package(request, film, descriptors[2].get(), variants);
  // The film's own index comes first; its variants are looked at when that can be read.
  if (!packaged && packaged.error().kind == ErrorKind::invalid) bad = 0;
  // What is left out may be all that there was: it comes back.
  if (bad != 0 && !packaged && packaged.error().kind == ErrorKind::not_found) {
    packaged =
        make_error(ErrorKind::invalid, "the index of a variant is damaged: " + packaged.error().message);
  }
  Answer answer = plan_packaged(request, film, std::move(packaged));
  answer.bad_variants = bad;
  return answer;
}

std::size_t expected_descriptors(const protocol::Serve& request) {
  switch (request.resource) {
    case protocol::Resource::original: return 2;
    case protocol::Resource::master:
    case protocol::Resource::dash:
    case protocol::Resource::ts_master: return 3 + request.variants.size();
    default: return 3;
  }
}

}  // namespace

Result<Transfer> begin_transfer(const protocol::Serve& request, std::vector<UniqueFd> descriptors,
                                Packager& packager) {
  const std::size_t expected = expected_descriptors(request);
  if (descriptors.size() != expected) {
    return make_error(ErrorKind::invalid, "a request came with " + std::to_string(descriptors.size()) +
                                              " descriptors instead of " + std::to_string(expected));
  }
  Result<void> answer = check_answer(descriptors[0].get());
  if (!answer) {
    return answer.error();
  }
  Result<FilmFacts> film = look_at_film(descriptors[1].get());
  if (!film) {
    return film.error();
  }
  Answer planned = plan(request, *film, descriptors, packager);
  const std::uint64_t length = total_bytes(planned.pieces);
  if (request.skip > length) {
    return make_error(ErrorKind::invalid, "asked to skip " + std::to_string(request.skip) +
                                              " bytes of an answer of " + std::to_string(length) +
                                              "; the film or its index has changed");
  }
  return Transfer(std::move(planned), request.skip, std::move(descriptors[0]), std::move(descriptors[1]));
}

}  // namespace carrel::streamer
