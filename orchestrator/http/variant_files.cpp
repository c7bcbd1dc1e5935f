#include "orchestrator/http/variant_files.hpp"

#include <utility>

#include "orchestrator/jobs/variants.hpp"

namespace carrel::http {

namespace asio = boost::asio;

bool has_variants(const Services& services, const store::VideoRow& video) {
  return !services.variants.of(video).empty();
}

asio::awaitable<Result<VariantFiles>> open_variant(Services& services, store::VideoRow video,
                                                   std::string name) {
  Result<jobs::OpenVariant> opened = co_await services.variants.open(std::move(video), std::move(name));
  if (opened.has_error()) co_return opened.error();
  co_return VariantFiles{std::move(opened->media), std::move(opened->index)};
}

asio::awaitable<Result<VariantIndexes>> open_variants(Services& services, store::VideoRow video,
                                                      std::string only) {
  Result<std::vector<jobs::VariantIndex>> opened = co_await services.variants.open_indexes(std::move(video));
  if (opened.has_error()) co_return opened.error();
  VariantIndexes indexes;
  for (jobs::VariantIndex& one : *opened) {
    if (!only.empty() && one.name != only) continue;
    indexes.names.push_back(std::move(one.name));
    indexes.indexes.push_back(std::move(one.index));
  }
  co_return indexes;
}

void variant_damaged(Services& services, const std::string& video, const std::string& name) {
  services.variants.report_damaged(video, name);
}

}  // namespace carrel::http
