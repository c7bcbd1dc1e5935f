#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/unique_fd.hpp"
#include "streamer/package/package.hpp"
#include "streamer/protocol/message.hpp"
#include "streamer/respond/validators.hpp"

namespace carrel::streamer {

/// The seam between sending and making HLS resources. Called on the loop's thread; must not wait.
class Packager {
 public:
  virtual ~Packager() = default;

  /// The resource that `request` names (never `original`), from the index open as `index`. `variants`: the
  /// indexes of request.variants, for playlists of a whole film. All are kept by the caller. Errors as in
  /// package.hpp.
  [[nodiscard]] virtual Result<Packaged> package(const protocol::Serve& request, const FilmFacts& film,
                                                 int index, std::span<const UniqueFd> variants) = 0;

  /// Which of `variants` are damaged, as Done has them: package() leaves those out.
  [[nodiscard]] virtual std::uint32_t bad_variants(std::span<const UniqueFd> variants) = 0;

  /// Changes whenever the same index may give other bytes than before; part of the entity tags.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
};

/// The real one, over IndexView and package_*.
[[nodiscard]] std::unique_ptr<Packager> make_index_packager();

}  // namespace carrel::streamer
