#pragma once

/// Container labels that people, tests and other tools rely on; see docs/sandboxes.md.
namespace carrel::sandbox::label {

inline constexpr char kInstance[] = "carrel.instance";
inline constexpr char kSandbox[] = "carrel.sandbox";
inline constexpr char kSession[] = "carrel.session";
inline constexpr char kUser[] = "carrel.user";
inline constexpr char kGeneration[] = "carrel.generation";
inline constexpr char kRole[] = "carrel.role";

}  // namespace carrel::sandbox::label
