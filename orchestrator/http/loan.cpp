#include "orchestrator/http/loan.hpp"

#include <utility>

#include "orchestrator/sandbox/client_link.hpp"
#include "orchestrator/sandbox/sandbox.hpp"

namespace carrel::http {

void Loan::note(std::weak_ptr<sandbox::Sandbox> sandbox, std::string session,
                std::optional<std::uint64_t> others) {
  sandbox_ = std::move(sandbox);
  session_ = std::move(session);
  others_ = others;
}

std::string Loan::objection(const sandbox::ClientLink& link, std::uint64_t sent,
                            const std::string& session) const {
  if (!others_) return {};
  const auto holder = sandbox_.lock();
  const auto seen = link.progress();
  if (seen && seen->written - sent != *others_) {
    if (holder) {
      holder->end(sandbox::Ending{sandbox::Reason::unresponsive, "it wrote to a client after its answer"});
    }
    return "a booth wrote to this connection after its answer; both are closed";
  }
  // A proxy that lets several viewers share a connection, say.
  if (!session.empty() && session != session_ && holder && !holder->gone().is_set()) {
    return "another session's booth has had this connection; it is closed, and the next one will do";
  }
  return {};
}

}  // namespace carrel::http
