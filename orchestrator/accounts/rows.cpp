#include "orchestrator/accounts/rows.hpp"

namespace carrel::accounts {
namespace {

template <class To, class From>
std::optional<To> converted(const std::optional<From>& value) {
  return value ? std::optional<To>(static_cast<To>(*value)) : std::nullopt;
}

}  // namespace

std::string name_of(Role role) {
  return role == Role::admin ? "admin" : "viewer";
}

Role role_of(const std::string& name) {
  return name == "admin" ? Role::admin : Role::viewer;
}

store::LimitColumns columns_of(const LimitOverrides& overrides) {
  return {.sessions = converted<std::int64_t>(overrides.sessions),
          .streams = converted<std::int64_t>(overrides.streams),
          .memory = converted<std::int64_t>(overrides.memory),
          .millicpus = converted<std::int64_t>(overrides.millicpus),
          .bandwidth = converted<std::int64_t>(overrides.bandwidth)};
}

LimitOverrides overrides_of(const store::LimitColumns& columns) {
  return {.sessions = converted<std::uint32_t>(columns.sessions),
          .streams = converted<std::uint32_t>(columns.streams),
          .memory = converted<std::uint64_t>(columns.memory),
          .millicpus = converted<std::uint32_t>(columns.millicpus),
          .bandwidth = converted<std::uint64_t>(columns.bandwidth)};
}

User user_of(const store::UserRow& row) {
  return {.id = row.id,
          .name = row.name,
          .role = role_of(row.role),
          .disabled = row.disabled,
          .created_at = row.created_at,
          .overrides = overrides_of(row.limits)};
}

}  // namespace carrel::accounts
