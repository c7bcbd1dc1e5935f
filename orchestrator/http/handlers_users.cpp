#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/escape.hpp"
#include "base/unix_time.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/limits_json.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/query.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

json user_json(const Services& services, const accounts::User& user) {
  return {{"id", user.id},
          {"name", user.name},
          {"role", user.role == accounts::Role::admin ? "admin" : "viewer"},
          {"disabled", user.disabled},
          {"created_at", rfc3339(user.created_at)},
          {"limits", limits_json(services.accounts.effective_limits(user))},
          {"overrides", overrides_json(user.overrides)},
          {"sessions", services.accounts.session_count(user.id)}};
}

Result<accounts::Role> role_of(const json& body) {
  const auto role = string_member(body, "role");
  if (role.has_error()) return role.error();
  if (*role == "viewer") return accounts::Role::viewer;
  if (*role == "admin") return accounts::Role::admin;
  return make_error(ErrorKind::invalid, R"(the member "role" must be "viewer" or "admin")");
}

/// The members that a PATCH may have; of a POST those beside name and password.
Result<accounts::UserChange> change_of(const json& body) {
  accounts::UserChange change;
  if (body.contains("password")) {
    auto password = string_member(body, "password");
    if (password.has_error()) return password.error();
    change.password = std::move(*password);
  }
  if (body.contains("role")) {
    const auto role = role_of(body);
    if (role.has_error()) return role.error();
    change.role = *role;
  }
  if (const auto disabled = body.find("disabled"); disabled != body.end()) {
    if (!disabled->is_boolean()) {
      return make_error(ErrorKind::invalid, R"(the member "disabled" must be true or false)");
    }
    change.disabled = disabled->get<bool>();
  }
  if (const auto limits = body.find("limits"); limits != body.end()) {
    const auto changes = limit_changes(*limits);
    if (changes.has_error()) return changes.error();
    change.limits = *changes;
  }
  return change;
}

/// A misspelt member must not look as if it had been done.
Result<void> check_members(const json& body, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return make_error(ErrorKind::invalid,
                      "there is no member \"" + name + "\" here; docs/api.md has those there are");
  }
  return {};
}

Result<accounts::UserChange> patch_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const auto known = check_members(*body, {"password", "role", "disabled", "limits"});
  if (known.has_error()) return known.error();
  return change_of(*body);
}

struct NewUser {
  std::string name;
  std::string password;
  accounts::Role role = accounts::Role::viewer;
  accounts::LimitOverrides overrides{};
};

Result<NewUser> new_user_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const auto known = check_members(*body, {"username", "password", "role", "limits"});
  if (known.has_error()) return known.error();
  auto name = string_member(*body, "username");
  if (name.has_error()) return name.error();
  auto password = string_member(*body, "password");
  if (password.has_error()) return password.error();
  const auto change = change_of(*body);
  if (change.has_error()) return change.error();
  return NewUser{std::move(*name), std::move(*password), change->role.value_or(accounts::Role::viewer),
                 accounts::changed({}, change->limits)};
}

Response user_problem(const Error& error) {
  if (error.kind != ErrorKind::conflict) return problem_from(error);
  return problem(409, "last-admin", "The last administrator stays", error.message);
}

Response no_content() {
  Response response = make_response(204, {}, {});
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

AsyncReply list_users(Services& services, const Request&) {
  const Result<std::vector<accounts::User>> users = co_await services.accounts.users();
  if (users.has_error()) co_return problem_from(users.error());
  json items = json::array();
  for (const auto& user : *users) items.push_back(user_json(services, user));
  co_return json_response(200, {{"items", std::move(items)}});
}

AsyncReply show_user(Services& services, const Request& request) {
  const std::string name = percent_decoded(request.parameters.front());
  const Result<accounts::User> user = co_await services.accounts.user(name);
  if (user.has_error()) co_return problem_from(user.error());
  co_return json_response(200, user_json(services, *user));
}

AsyncReply add_user(Services& services, const Request& request) {
  const Result<NewUser> given = new_user_of(request);
  if (given.has_error()) co_return problem_from(given.error());
  const Result<accounts::User> user = co_await services.accounts.add_user(
      given->name, given->password, given->role, request.actor, given->overrides);
  if (user.has_error()) co_return problem_from(user.error());
  co_return json_response(201, user_json(services, *user));
}

AsyncReply change_user(Services& services, const Request& request) {
  const Result<accounts::UserChange> change = patch_of(request);
  if (change.has_error()) co_return problem_from(change.error());
  const std::string name = percent_decoded(request.parameters.front());
  const Result<accounts::User> user = co_await services.accounts.change_user(name, *change, request.actor);
  if (user.has_error()) co_return user_problem(user.error());
  co_return json_response(200, user_json(services, *user));
}

AsyncReply remove_user(Services& services, const Request& request) {
  const std::string name = percent_decoded(request.parameters.front());
  const Result<void> removed = co_await services.accounts.remove_user(name, request.actor);
  if (removed.has_error()) co_return user_problem(removed.error());
  co_return no_content();
}

}  // namespace carrel::http
