#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "orchestrator/lib/sodium/keyed_mac.hpp"
#include "orchestrator/store/store.hpp"

namespace carrel::accounts {

struct StreamToken {
  std::string session_id;
  std::string video_id;
  std::int64_t expires_at = 0;  ///< seconds since 1970
};

/// Tokens for players, which have no cookie: one session, one video, one end, signed. They name their
/// session, so they are of no use after it ended. Immutable; any thread.
class StreamTokens {
 public:
  explicit StreamTokens(sodium::MacKey key) : key_(key) {}

  /// 98 characters of [A-Za-z0-9_-]. Both ids must be UUIDs as sodium::parse_uuid reads them; others are a
  /// bug (std::invalid_argument).
  [[nodiscard]] std::string issue(std::string_view session_id, std::string_view video_id,
                                  std::int64_t expires_at) const;

  /// ErrorKind::forbidden: it was not issued with this key, was changed, or its time is over. Whether the
  /// session is still alive, and may see the video, is for the caller to ask.
  [[nodiscard]] Result<StreamToken> verify(std::string_view token, std::int64_t now) const;

 private:
  sodium::MacKey key_;
};

/// The key of this installation, made at the first start and kept in the store's settings.
[[nodiscard]] boost::asio::awaitable<Result<sodium::MacKey>> load_stream_key(store::Store& store);

}  // namespace carrel::accounts
