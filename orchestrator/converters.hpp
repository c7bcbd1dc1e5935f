#pragma once

#include "orchestrator/jobs/jobs.hpp"
#include "orchestrator/jobs/pictures.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

/// How jobs get their converters: they know no sandboxes, which live as long as what is returned here.
namespace carrel {

[[nodiscard]] jobs::Convert convert_in(sandbox::Sandboxes& sandboxes);
[[nodiscard]] jobs::MakePictures make_pictures_in(sandbox::Sandboxes& sandboxes);

}  // namespace carrel
