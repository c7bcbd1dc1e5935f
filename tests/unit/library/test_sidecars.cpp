#include "orchestrator/library/sidecars.hpp"

#include <doctest/doctest.h>

using namespace carrel;
using namespace carrel::library;

namespace {

std::vector<std::string> matched_to(const std::string& film, const std::vector<std::string>& films,
                                    const std::vector<std::string>& sidecars) {
  std::vector<FoundSidecar> found;
  for (const std::string& path : sidecars) found.push_back({path, {1, 2}});
  const auto matched = match_sidecars(films, found);
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < films.size(); ++i)
    for (const FoundSidecar& one : matched[i])
      if (films[i] == film) paths.push_back(one.path);
  return paths;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("names say language, kind and title") {
  const auto described = [](std::string_view label) { return describe_sidecar(label, "srt"); };
  CHECK(described("").language.empty());
  CHECK(described(".en").language == "en");
  CHECK(described(".eng").language == "en");
  CHECK(described(".English").language == "en");
  CHECK(described("2_German").language == "de");
  CHECK(described(".pt-BR").language == "pt-BR");
  CHECK(described(".zh-Hans.forced").language == "zh-Hans");
  CHECK(described(".zh-Hans.forced").forced);
  CHECK(described(".es_419").language == "es-419");
  CHECK(described(".en.forced").forced);
  CHECK(described(".de.sdh").hearing_impaired);
  CHECK(described(".en.cc").hearing_impaired);
  CHECK(described(".hi").language == "hi");
  CHECK_FALSE(described(".hi").hearing_impaired);
  CHECK(described(".en.hi").language == "en");
  CHECK(described(".en.hi").hearing_impaired);
  CHECK(described(".en.default").title.empty());
  CHECK(described(".en.Director's Commentary").title == "Director's Commentary");
  CHECK(described(".xx").language.empty());
  CHECK(described(".xx").title == "xx");
  CHECK(described("..--[]").title.empty());
  CHECK(described(".en.\xff\xfe").title.find("\xEF\xBF\xBD") != std::string::npos);
  CHECK(described("." + std::string(5000, 'x')).title.empty());
}

TEST_CASE("files beside a film belong to it by their name") {
  const Paths films{"a/Film.mkv", "a/Film.Part.2.mkv", "b/Film.mkv"};
  CHECK(matched_to("a/Film.mkv", films, {"a/film.srt", "a/FILM.en.srt", "a/Film2.srt", "a/other.srt"}) ==
        Paths{"a/FILM.en.srt", "a/film.srt"});
  CHECK(matched_to("a/Film.mkv", films, {"a/Film.Part.2.en.srt", "a/Film.Part.3.en.srt"}) ==
        Paths{"a/Film.Part.3.en.srt"});
  CHECK(matched_to("a/Film.Part.2.mkv", films, {"a/Film.Part.2.en.srt"}) == Paths{"a/Film.Part.2.en.srt"});
  CHECK(matched_to("b/Film.mkv", films, {"b/Film_en.ass", "c/Film.srt"}) == Paths{"b/Film_en.ass"});
}

TEST_CASE("a folder of subtitles beside the film") {
  CHECK(matched_to("a/Film.mkv", {"a/Film.mkv"}, {"a/Subs/2_English.srt", "a/SUBTITLES/Film.de.srt"}) ==
        Paths{"a/SUBTITLES/Film.de.srt", "a/Subs/2_English.srt"});
  const Paths two{"a/Film.mkv", "a/Other.mkv"};
  CHECK(matched_to("a/Film.mkv", two, {"a/Subs/2_English.srt", "a/Subs/Film.srt"}) ==
        Paths{"a/Subs/Film.srt"});
  CHECK(matched_to("a/Film.mkv", two, {"a/Subs/film/2_English.srt"}) == Paths{"a/Subs/film/2_English.srt"});
  CHECK(matched_to("Film.mkv", {"Film.mkv"}, {"Subs/x.srt"}) == Paths{"Subs/x.srt"});
}

TEST_CASE("a film has no more of them than a worker is given") {
  Paths many;
  for (int i = 0; i < 100; ++i) many.push_back("Film." + std::to_string(i) + ".srt");
  CHECK(matched_to("Film.mkv", {"Film.mkv"}, many).size() == protocol::kMaxSidecars);
}

TEST_CASE("what the database keeps is read back") {
  const std::vector<FoundSidecar> sidecars{{"a b/Film.en.srt", {12, -5}}, {"\xff.srt", {0, 1}}};
  CHECK(sidecars_from_text(sidecars_to_text(sidecars)) == sidecars);
  CHECK(sidecars_from_text("").empty());
  CHECK(sidecars_from_text("x\n1\n1 2\n1 2 \n\n99999999999999999999999 1 a\n1 2 good.srt").size() == 1);
}

TEST_CASE("what a worker is told") {
  const auto sidecar = sidecar_of("a/Film.mkv", "a/film.pt-BR.forced.SRT");
  CHECK(sidecar.extension == "srt");
  CHECK(sidecar.language == "pt-BR");
  CHECK(sidecar.forced);
  CHECK(sidecar_of("a/Film.mkv", "a/Subs/2_English.srt").language == "en");
}
