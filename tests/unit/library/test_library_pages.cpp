// The films page by page, as the library changes.
#include <boost/asio/post.hpp>

#include "orchestrator/lib/asio/run_to_end.hpp"
#include "tests/unit/library/bench.hpp"

using namespace carrel;
using namespace carrel::library;
using test::Bench;
namespace asio = boost::asio;
using Names = std::vector<std::string>;

namespace {

/// "title path" of each.
Names named(const std::vector<std::shared_ptr<const Video>>& videos) {
  Names names;
  for (const auto& video : videos) names.push_back(video->row.title + " " + video->row.path);
  return names;
}

/// All of them, in pages of so many.
Names pages(const Library& library, std::size_t limit) {
  std::vector<std::shared_ptr<const Video>> seen;
  std::string after;
  while (seen.size() < 100) {
    const auto page = library.page(after, limit);
    CHECK(page.size() <= limit);
    if (page.empty()) break;
    seen.insert(seen.end(), page.begin(), page.end());
    after = page.back()->row.id;
  }
  return named(seen);
}

/// As an earlier Carrel noted it, which may have called it otherwise; the file has changed since.
void know(Bench& bench, const std::string& path, const std::string& title, const std::string& id) {
  const auto write = [file = store::FoundFile{bench.films().string(), path, 1, 1, title},
                      id](sqlite::Connection& db) { return store::upsert_video(db, file, id, 1); };
  asio::io_context loop;
  CHECK(run_to_end(loop, bench.store().write(write)).has_value());
}

}  // namespace

TEST_CASE("films come by title, those of one title by id, each once in whatever pages") {
  Bench bench;
  for (const char* path : {"one/Same.mkv", "two/Same.mkv", "Zebra.mkv", "Ape.mkv"}) bench.write(path, "film");
  know(bench, "two/Same.mkv", "Same", "id-1");
  know(bench, "one/Same.mkv", "Same", "id-2");
  std::size_t indexed = 0;
  bench.run([&](const Video&) {
    if (++indexed < 4) return;
    const Names all{"Ape Ape.mkv", "Same two/Same.mkv", "Same one/Same.mkv", "Zebra Zebra.mkv"};
    for (const std::size_t limit : {1, 2, 3, 4, 5}) CHECK(pages(bench.library(), limit) == all);
    CHECK(named({bench.library().all().begin(), bench.library().all().end()}) == all);
    CHECK(named(bench.library().page("no film", 1)) == Names{"Ape Ape.mkv"});
    bench.stop();
  });
}

TEST_CASE("a film that changed its title, or went, stands nowhere else") {
  Bench bench;
  bench.write("Middle.mkv", "film");
  bench.write("Beach.mkv", "film");
  know(bench, "Beach.mkv", "Yonder", "id-1");
  know(bench, "Gone.mkv", "Gone", "id-2");
  bench.run([&](const Video&) {
    // What was known may be looked at before the folder is.
    const bool scanned = !bench.library().find("id-2") && bench.library().find("id-1")->row.title == "Beach";
    if (!scanned) return;
    CHECK(pages(bench.library(), 1) == Names{"Beach Beach.mkv", "Middle Middle.mkv"});
    CHECK(bench.library().all().size() == 2);
    bench.stop();
  });
}
