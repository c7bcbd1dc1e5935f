#include "orchestrator/converters.hpp"

#include <memory>
#include <utility>

namespace carrel {

namespace asio = boost::asio;

namespace {

asio::awaitable<Result<protocol::Converted>> convert(sandbox::Sandboxes& sandboxes,
                                                     jobs::ConvertOrder order) {
  const auto cancellation = std::make_shared<sandbox::Cancellation>();
  const auto stop = order.stop;
  stop->on_ask = [cancellation] { cancellation->cancel(); };
  if (stop->asked()) cancellation->cancel();
  sandbox::Conversion conversion;
  conversion.film = std::move(order.film);
  conversion.index = std::move(order.index);
  conversion.media = std::move(order.media);
  conversion.variant_index = std::move(order.variant_index);
  conversion.checkpoint = std::move(order.checkpoint);
  conversion.request = order.request;
  conversion.duration = order.duration;
  conversion.on_progress = std::move(order.on_progress);
  conversion.cancellation = cancellation;
  Result<protocol::Converted> made = co_await sandboxes.convert(std::move(conversion));
  stop->on_ask = nullptr;
  co_return made;
}

}  // namespace

jobs::Convert convert_in(sandbox::Sandboxes& sandboxes) {
  return [&sandboxes](jobs::ConvertOrder order) { return convert(sandboxes, std::move(order)); };
}

jobs::MakePictures make_pictures_in(sandbox::Sandboxes& sandboxes) {
  return [&sandboxes](UniqueFd film, UniqueFd index, UniqueFd out, protocol::Pictures request) {
    return sandboxes.pictures(std::move(film), std::move(index), std::move(out), std::move(request));
  };
}

}  // namespace carrel
