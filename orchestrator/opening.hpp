#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "orchestrator/accounts/accounts.hpp"
#include "orchestrator/config/config.hpp"
#include "orchestrator/lib/sodium/keyed_mac.hpp"
#include "orchestrator/store/store.hpp"

/// What a start finds in the database, or makes when it is new.
namespace carrel {

struct Identity {
  std::string instance;
  sodium::MacKey token_key;
};

boost::asio::awaitable<Result<Identity>> load_identity(store::Store& store);

/// With the first administrator, whose password is printed once when it was made up.
boost::asio::awaitable<Result<std::unique_ptr<accounts::Accounts>>> open_accounts(
    store::Store& store, const config::Config& config);

}  // namespace carrel
