#include "orchestrator/library/language_names.hpp"

#include <array>

namespace carrel::library {
namespace {

/// Code, then what else stands for it, each between blanks.
struct Language {
  std::string_view code, words;
};

constexpr std::array kLanguages{Language{"ar", " ara arabic "},
                                Language{"bg", " bul bulgarian "},
                                Language{"bn", " ben bengali "},
                                Language{"bs", " bos bosnian "},
                                Language{"ca", " cat catalan "},
                                Language{"cs", " cze ces czech "},
                                Language{"cy", " wel cym welsh "},
                                Language{"da", " dan danish dansk "},
                                Language{"de", " ger deu german deutsch "},
                                Language{"el", " gre ell greek "},
                                Language{"en", " eng english "},
                                Language{"eo", " epo esperanto "},
                                Language{"es", " spa spanish espanol castellano "},
                                Language{"et", " est estonian "},
                                Language{"eu", " baq eus basque "},
                                Language{"fa", " per fas persian farsi "},
                                Language{"fi", " fin finnish suomi "},
                                Language{"fr", " fre fra french francais "},
                                Language{"ga", " gle irish "},
                                Language{"gl", " glg galician "},
                                Language{"he", " heb hebrew iw "},
                                Language{"hi", " hin hindi "},
                                Language{"hr", " hrv croatian "},
                                Language{"hu", " hun hungarian magyar "},
                                Language{"hy", " arm hye armenian "},
                                Language{"id", " ind indonesian "},
                                Language{"is", " ice isl icelandic "},
                                Language{"it", " ita italian italiano "},
                                Language{"ja", " jpn japanese jp "},
                                Language{"ka", " geo kat georgian "},
                                Language{"kk", " kaz kazakh "},
                                Language{"ko", " kor korean kr "},
                                Language{"la", " lat latin "},
                                Language{"lt", " lit lithuanian "},
                                Language{"lv", " lav latvian "},
                                Language{"mk", " mac mkd macedonian "},
                                Language{"ml", " mal malayalam "},
                                Language{"ms", " may msa malay "},
                                Language{"nb", " nob "},
                                Language{"nl", " dut nld dutch nederlands "},
                                Language{"nn", " nno "},
                                Language{"no", " nor norwegian norsk "},
                                Language{"pl", " pol polish polski "},
                                Language{"pt", " por portuguese portugues "},
                                Language{"ro", " rum ron romanian "},
                                Language{"ru", " rus russian "},
                                Language{"sk", " slo slk slovak "},
                                Language{"sl", " slv slovenian "},
                                Language{"sq", " alb sqi albanian "},
                                Language{"sr", " srp serbian "},
                                Language{"sv", " swe swedish svenska "},
                                Language{"ta", " tam tamil "},
                                Language{"te", " tel telugu "},
                                Language{"th", " tha thai "},
                                Language{"tl", " tgl tagalog filipino "},
                                Language{"tr", " tur turkish turkce "},
                                Language{"uk", " ukr ukrainian "},
                                Language{"ur", " urd urdu "},
                                Language{"vi", " vie vietnamese "},
                                Language{"zh", " chi zho chinese cn chs cht "}};

}  // namespace

std::string_view language_named(std::string_view word) {
  if (word.size() < 2 || word.find(' ') != std::string_view::npos) return {};
  for (const Language& language : kLanguages) {
    if (language.code == word) return language.code;
    const auto at = language.words.find(word);
    if (at == std::string_view::npos || at == 0) continue;
    if (language.words[at - 1] == ' ' && language.words[at + word.size()] == ' ') return language.code;
  }
  return {};
}

}  // namespace carrel::library
