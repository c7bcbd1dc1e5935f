#pragma once

/// What to do, for messages of several parts. Whoever has the package has no scripts.
namespace carrel {

/// What puts Carrel's images into the engine.
inline constexpr char kLoadImages[] =
    "carrelctl image load (of a package) or scripts/build-image (of a checkout)";

}  // namespace carrel
