#include "orchestrator/accounts/stream_tokens.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "orchestrator/lib/sodium/base64.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"
#include "orchestrator/store/settings.hpp"

namespace carrel::accounts {
namespace {

// version (1) | session (16) | video (16) | end, big-endian (8) | MAC of all before (32)
constexpr std::uint8_t version = 1;
constexpr std::size_t session_at = 1;
constexpr std::size_t video_at = 17;
constexpr std::size_t end_at = 33;
constexpr std::size_t mac_at = 41;
constexpr std::size_t token_bytes = mac_at + std::tuple_size_v<sodium::Mac>;

constexpr const char* key_setting = "stream_token_key";

using Bytes = std::array<std::uint8_t, token_bytes>;

void put_uuid(Bytes& bytes, std::size_t at, std::string_view text) {
  const auto uuid = sodium::parse_uuid(text);
  if (!uuid) throw std::invalid_argument("a stream token is made for something that has no UUID");
  std::copy(uuid->begin(), uuid->end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string get_uuid(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  sodium::Uuid uuid{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), uuid.size(), uuid.begin());
  return sodium::format_uuid(uuid);
}

}  // namespace

std::string StreamTokens::issue(std::string_view session_id, std::string_view video_id,
                                std::int64_t expires_at) const {
  Bytes bytes{};
  bytes[0] = version;
  put_uuid(bytes, session_at, session_id);
  put_uuid(bytes, video_at, video_id);
  const auto end = static_cast<std::uint64_t>(expires_at);
  for (std::size_t i = 0; i < 8; ++i)
    bytes[end_at + i] = static_cast<std::uint8_t>((end >> (8 * (7 - i))) & 0xff);
  const auto mac = key_.sign(std::span(bytes).first(mac_at));
  std::copy(mac.begin(), mac.end(), bytes.begin() + static_cast<std::ptrdiff_t>(mac_at));
  return sodium::to_base64url(bytes);
}

Result<StreamToken> StreamTokens::verify(std::string_view token, std::int64_t now) const {
  const auto bytes = sodium::from_base64url(token, token_bytes);
  if (!bytes || bytes->size() != token_bytes || bytes->front() != version) {
    return make_error(ErrorKind::forbidden, "The stream token is not valid.");
  }
  const std::span<const std::uint8_t> all(*bytes);
  if (!key_.verify(all.first(mac_at), all.subspan(mac_at))) {
    return make_error(ErrorKind::forbidden, "The stream token is not valid.");
  }
  std::uint64_t end = 0;
  for (const std::uint8_t byte : all.subspan(end_at, 8)) end = (end << 8) | byte;
  const auto expires_at = static_cast<std::int64_t>(end);
  if (now >= expires_at) {
    return make_error(ErrorKind::forbidden,
                      "The stream token has expired; open the video again for a new one.");
  }
  return StreamToken{get_uuid(*bytes, session_at), get_uuid(*bytes, video_at), expires_at};
}

boost::asio::awaitable<Result<sodium::MacKey>> load_stream_key(store::Store& store) {
  auto get_or_make = [](sqlite::Connection& db) -> Result<std::string> {
    auto kept = store::get_setting(db, key_setting);
    if (!kept) return kept.error();
    if (*kept) return **kept;
    auto made = sodium::MacKey::random().to_text();
    auto set = store::set_setting(db, key_setting, made);
    if (!set) return set.error();
    return made;
  };
  auto text = co_await store.write(get_or_make);
  if (!text) co_return text.error();
  const auto key = sodium::MacKey::from_text(*text);
  if (!key) {
    co_return make_error(ErrorKind::internal,
                         std::string("the setting ") + key_setting +
                             " in the database is damaged; delete its row for a new key");
  }
  co_return *key;
}

}  // namespace carrel::accounts
