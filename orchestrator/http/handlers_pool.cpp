// The warm pool, and the containers that are nobody's.
#include <chrono>

#include "orchestrator/accounts/audit_log.hpp"
#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/json_body.hpp"
#include "orchestrator/http/problem.hpp"
#include "orchestrator/http/sandbox_json.hpp"
#include "orchestrator/sandbox/sandboxes.hpp"

namespace carrel::http {

using nlohmann::json;

namespace {

constexpr std::uint64_t kMostInPool = 1000;

json pool_json(const Services& services) {
  const auto pool = services.sandboxes.pool();
  return {{"size", pool.size}, {"ready", pool.ready}, {"starting", pool.starting}};
}

Result<std::size_t> size_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const auto size = body->find("size");
  const bool alone = body->size() == 1 && size != body->end();
  if (!alone || !size->is_number_unsigned() || size->get<std::uint64_t>() > kMostInPool) {
    return make_error(ErrorKind::invalid, R"(send {"size": N} alone, with a whole number from 0 to 1000)");
  }
  return size->get<std::size_t>();
}

struct Collection {
  bool dry_run = false;
  bool force = false;  ///< the young ones, too
};

Result<Collection> collection_of(const Request& request) {
  const auto body = json_object(request);
  if (body.has_error()) return body.error();
  const json dry_run = body->value("dry_run", json());
  const json force = body->value("force", json(false));
  const bool nothing_else = body->size() == 1U + body->count("force");
  if (!nothing_else || !dry_run.is_boolean() || !force.is_boolean()) {
    return make_error(ErrorKind::invalid, R"(send {"dry_run": true or false}, and "force": true or false)");
  }
  return Collection{dry_run.get<bool>(), force.get<bool>()};
}

}  // namespace

AsyncReply show_pool(Services& services, const Request&) {
  co_return json_response(200, pool_json(services));
}

AsyncReply resize_pool(Services& services, const Request& request) {
  const auto size = size_of(request);
  if (size.has_error()) co_return problem_from(size.error());
  services.sandboxes.resize_pool(*size);
  services.audit.record(request.actor, "pool_resized", "pool", std::to_string(*size));
  co_return json_response(200, pool_json(services));
}

AsyncReply drain_pool(Services& services, const Request& request) {
  const std::size_t ended = services.sandboxes.drain_pool(sandbox::Reason::admin);
  services.audit.record(request.actor, "pool_drained", "pool", std::to_string(ended));
  json answer = pool_json(services);
  answer["ended"] = ended;
  co_return json_response(200, answer);
}

AsyncReply collect_left_over(Services& services, const Request& request) {
  const auto wanted = collection_of(request);
  if (wanted.has_error()) co_return problem_from(wanted.error());
  if (!services.sandboxes.adopted()) {
    // Until then nothing is anybody's.
    const Error error = make_error(ErrorKind::unavailable,
                                   "the sandboxes of the daemon before are not taken over yet; see /readyz");
    co_return problem_from(error);
  }
  const std::chrono::seconds grace =
      wanted->force ? std::chrono::seconds(0) : sandbox::Sandboxes::kLeftOverGrace;
  const Result<std::vector<sandbox::LeftOver>> found =
      co_await services.sandboxes.collect_left_over(wanted->dry_run, grace);
  if (found.has_error()) co_return problem_from(found.error());
  json items = json::array();
  for (const auto& one : *found) {
    items.push_back({{"container", one.container},
                     {"sandbox", text_or_null(one.sandbox)},
                     {"reason", one.reason},
                     {"removed", one.removed}});
  }
  if (!wanted->dry_run) {
    const std::string count = std::to_string(items.size());
    services.audit.record(request.actor, "left_over_collected", "containers",
                          wanted->force ? count + ", force" : count);
  }
  co_return json_response(200, {{"items", std::move(items)}});
}

}  // namespace carrel::http
