#pragma once

namespace carrel::sandbox {

inline constexpr char kControlMount[] = "/run/carrel";    ///< inside the container
inline constexpr char kControlSocket[] = "control.sock";  ///< inside that directory

}  // namespace carrel::sandbox
