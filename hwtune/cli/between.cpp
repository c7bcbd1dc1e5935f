#include "hwtune/cli/between.hpp"

#include <array>
#include <cstdio>

#include "hwtune/machine/text.hpp"

namespace carrel::hwtune::cli {

CLI::Validator between(double least, double most) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "from %g to %g", least, most);
  const std::string range(text.data());
  const auto check = [=](const std::string& given) -> std::string {
    const auto value = machine::fraction_of(given);
    if (value && *value >= least && *value <= most) return {};
    return "\"" + given + "\" is no number " + range;
  };
  return CLI::Validator(check, range);
}

}  // namespace carrel::hwtune::cli
