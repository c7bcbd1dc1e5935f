#include "orchestrator/http/variant_files.hpp"

namespace carrel::http {

namespace asio = boost::asio;

bool has_variants(const Services&, const store::VideoRow&) {
  return false;
}

asio::awaitable<Result<VariantFiles>> open_variant(Services&, store::VideoRow, std::string name) {
  co_return make_error(ErrorKind::not_found, "there is no variant \"" + name + "\" of this film");
}

asio::awaitable<VariantIndexes> open_variants(Services&, store::VideoRow, std::string) {
  co_return VariantIndexes();
}

void variant_damaged(Services&, const std::string&, const std::string&) {}

}  // namespace carrel::http
