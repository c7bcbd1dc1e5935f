#include "orchestrator/opening.hpp"

#include <iostream>
#include <utility>

#include "orchestrator/accounts/credentials.hpp"
#include "orchestrator/accounts/stream_tokens.hpp"
#include "orchestrator/accounts_options.hpp"
#include "orchestrator/instance.hpp"
#include "orchestrator/lib/sodium/uuid.hpp"

namespace carrel {

namespace asio = boost::asio;

asio::awaitable<Result<Identity>> load_identity(store::Store& store) {
  const std::string key_of_instance = "instance";
  std::string fresh = sodium::make_uuid_v7();
  Result<std::string> instance = co_await remembered(store, key_of_instance, std::move(fresh));
  if (instance.has_error()) co_return instance.error();
  const Result<sodium::MacKey> key = co_await accounts::load_stream_key(store);
  if (key.has_error()) co_return key.error();
  co_return Identity{std::move(*instance), *key};
}

asio::awaitable<Result<std::unique_ptr<accounts::Accounts>>> open_accounts(store::Store& store,
                                                                           const config::Config& config) {
  const accounts::Options options = accounts_options(config);
  Result<std::unique_ptr<accounts::Accounts>> opened = co_await accounts::Accounts::open(store, options);
  if (opened.has_error()) co_return opened.error();
  const bool made_up = config.admin.password.empty();
  const std::string password = made_up ? accounts::generate_password() : config.admin.password;
  const Result<bool> made = co_await (*opened)->ensure_first_admin(config.admin.user, password);
  if (made.has_error()) co_return made.error();
  // To the terminal, once, and never to the log.
  if (*made && made_up) {
    std::cerr << "The first administrator is \"" << config.admin.user << "\", the password " << password
              << '\n';
  }
  co_return opened;
}

}  // namespace carrel
