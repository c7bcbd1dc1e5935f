#include "orchestrator/converters.hpp"

#include <utility>

namespace carrel {

namespace asio = boost::asio;

jobs::Convert convert_in(sandbox::Sandboxes&) {
  return [](jobs::ConvertOrder) -> asio::awaitable<Result<protocol::Converted>> {
    co_return make_error(ErrorKind::busy, "there is no converter yet");
  };
}

jobs::MakePictures make_pictures_in(sandbox::Sandboxes&) {
  return [](UniqueFd, UniqueFd, UniqueFd,
            protocol::Pictures) -> asio::awaitable<Result<protocol::PicturesMade>> {
    co_return make_error(ErrorKind::busy, "there is no converter yet");
  };
}

}  // namespace carrel
