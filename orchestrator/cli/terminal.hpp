#pragma once

#include "terminal/style.hpp"
#include "terminal/table.hpp"
#include "terminal/text_width.hpp"
#include "terminal/units.hpp"

/// What carrelctl prints with.
namespace carrel::cli {

using terminal::age_text;
using terminal::bytes_text;
using terminal::Cell;
using terminal::clipped;
using terminal::Column;
using terminal::duration_text;
using terminal::kNothing;
using terminal::painted;
using terminal::printable;
using terminal::rendered;
using terminal::rendered_fields;
using terminal::Style;
using terminal::style_of;
using terminal::Table;
using terminal::Tone;
using terminal::width_of;

}  // namespace carrel::cli
