#include "streamer/subtitles/detect_charset.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "streamer/subtitles/charset.hpp"
#include "streamer/subtitles/lines.hpp"
#include "streamer/subtitles/utf8.hpp"

namespace carrel::streamer::subtitles {
namespace {

using enum Charset;

constexpr std::size_t kLooked = 256 * 1024;  // bytes of a file that decide

/// The letters beyond ASCII that a language is written with, and the sets that its files come in: the
/// likelier first. Frequent letters first in `common`, where all of its letters are beyond ASCII.
struct Profile {
  std::string_view languages;  ///< ISO 639, between blanks
  std::string_view letters;    ///< lower case
  std::string_view capitals;
  std::string_view common;  ///< of a script of its own: what makes up most of a text
  std::array<Charset, 5> charsets;
  std::size_t charset_count;
};

constexpr std::string_view kKana =
    "ぁあいうえおかがきぎくぐけげこごさざしじすずせぜそぞただちっつづてでとどなにぬねのはばひびふぶへべほぼま"
    "みむめもゃやゅゆょよ"
    "らりるれろわをんァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチッツテデトドナニネノハ"
    "バパヒビピフブプヘベホボポマ"
    "ミムメモャヤュユョヨラリルレロワンーヴ、。！？「」…";
constexpr std::string_view kSimplified =
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道"
    "行所然家种事成方多经么去法"
    "学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实吗吧呢谁话让给什没，。！？";
constexpr std::string_view kTraditional =
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道"
    "行所然家種事成方多經麼去法"
    "學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實嗎吧呢誰話讓給什沒，。！？";

constexpr std::string_view kHangul =
    "이다는을가고지나에하은의를어아그도서라네니해내사한들리자게수야요있없것기로인대일거만데말면우너여오시왜뭐"
    "안무했았었친구잖줘래게든"
    "건할과보정전제주저마부당신난날좀걸";

constexpr std::array kProfiles{
    Profile{" en eng fr fre fra ",
            "éèêëàâçîïôùûüœæÿ",
            "ÉÈÊËÀÂÇÎÏÔÙÛÜŒÆ",
            "",
            {windows_1252, iso_8859_15, ibm_850, mac_roman},
            4},
    Profile{" de ger deu ", "äöüß", "ÄÖÜ", "", {windows_1252, ibm_850, mac_roman}, 3},
    Profile{" es spa ca cat gl glg eu baq eus ",
            "áéíóúüñçàèòï",
            "ÁÉÍÓÚÜÑÇÀÈÒÏ",
            "",
            {windows_1252, ibm_850, mac_roman},
            3},
    Profile{" it ita ", "àèéìíòóùú", "ÀÈÉÌÍÒÓÙÚ", "", {windows_1252, ibm_850, mac_roman}, 3},
    Profile{" pt por ", "ãõáéíóúâêôçàü", "ÃÕÁÉÍÓÚÂÊÔÇÀÜ", "", {windows_1252, ibm_850, mac_roman}, 3},
    Profile{" sv swe da dan no nor nb nob nn nno fi fin ",
            "åäöæøéè",
            "ÅÄÖÆØÉ",
            "",
            {windows_1252, ibm_850, mac_roman},
            3},
    Profile{" nl dut nld ", "éëïèöüáó", "ÉËÏ", "", {windows_1252, ibm_850, mac_roman}, 3},
    Profile{" is ice isl fo fao ", "áéíóúýðþæö", "ÁÉÍÓÚÝÐÞÆÖ", "", {windows_1252, iso_8859_10, ibm_850}, 3},
    Profile{" cy wel cym ga gle gd gla ",
            "âêîôûŵŷáéíóúàèìòù",
            "ÂÊÎÔÛŴŶÁÉÍÓÚ",
            "",
            {windows_1252, iso_8859_14},
            2},
    Profile{" pl pol ", "ąćęłńóśźż", "ĄĆĘŁŃÓŚŹŻ", "", {windows_1250, iso_8859_2, iso_8859_16, ibm_852}, 4},
    Profile{" cs cze ces sk slo slk ",
            "áčďéěíňóřšťúůýžľĺŕôä",
            "ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĽ",
            "",
            {windows_1250, iso_8859_2, ibm_852},
            3},
    Profile{" hu hun ", "áéíóöőúüű", "ÁÉÍÓÖŐÚÜŰ", "", {windows_1250, iso_8859_2, ibm_852}, 3},
    Profile{" hr hrv sr srp bs bos sl slv ", "čćđšž", "ČĆĐŠŽ", "", {windows_1250, iso_8859_2, ibm_852}, 3},
    Profile{" ro rum ron ", "ăâîşţșț", "ĂÂÎŞŢȘȚ", "", {windows_1250, iso_8859_16, iso_8859_2, ibm_852}, 4},
    Profile{" tr tur az aze ", "çğıöşüâîû", "ÇĞİÖŞÜ", "", {windows_1254, ibm_857}, 2},
    Profile{" lt lit lv lav et est ",
            "ąčęėįšųūžāēģīķļņõäöü",
            "ĄČĘĖĮŠŲŪŽĀĒĢĪĶĻŅÕÄÖÜ",
            "",
            {windows_1257, iso_8859_4, ibm_775},
            3},
    Profile{
        " vi vie ", "ăâđêôơưàáèéìíòóùúýãõ\u0300\u0301\u0303\u0309\u0323", "ĂÂĐÊÔƠƯ", "", {windows_1258}, 1},
    Profile{" ru rus bg bul mk mac mkd sr srp be bel ",
            "абвгдежзийклмнопрстуфхцчшщъыьэюяёђѓєѕіїјљњћќўџ",
            "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁЂЃЄЅІЇЈЉЊЋЌЎЏ",
            "оеаинтсрвлкмдпу",
            {windows_1251, koi8_r, iso_8859_5, ibm_866, ibm_855},
            5},
    Profile{" uk ukr ",
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
            "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ",
            "оаинвіетрслкдм",
            {windows_1251, koi8_u, iso_8859_5},
            3},
    Profile{" el gre ell ",
            "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
            "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
            "αοειτνσςκρηπ",
            {windows_1253, iso_8859_7, ibm_737, ibm_869},
            4},
    Profile{" he heb iw ",
            "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
            "",
            "אבגדהוזחטיכלםמנעפקרשת",
            {windows_1255, ibm_862},
            2},
    Profile{" ar ara fa per fas ur urd ",
            "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ،؟؛ًٌٍَُِّْ",
            "",
            "اليمنترهوبدكعسفقح",
            {windows_1256, iso_8859_6, ibm_720},
            3},
    Profile{" th tha ",
            "กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮะัาำิีึืุูเแโใไๅๆ็่้๊๋์",
            "",
            "านรกเอมงลย่้ัวี",
            {windows_874},
            1},
    Profile{" ja jpn ", kKana, "", kKana, {shift_jis, euc_jp}, 2},
    Profile{" zh chi zho cmn ", kSimplified, "", kSimplified, {gbk}, 1},
    Profile{" zh chi zho cmn yue ", kTraditional, "", kTraditional, {big5}, 1},
    Profile{" ko kor ", "", "", kHangul, {euc_kr}, 1},
};

std::vector<char32_t> sorted(std::string_view letters) {
  std::vector<char32_t> set;
  while (!letters.empty()) set.push_back(take_utf8(letters));
  std::sort(set.begin(), set.end());
  return set;
}

bool has(const std::vector<char32_t>& set, char32_t character) {
  return std::binary_search(set.begin(), set.end(), character);
}

bool is_hangul(char32_t character) {
  return character >= 0xac00 && character <= 0xd7a3;
}

bool is_han(char32_t character) {
  return character >= 0x4e00 && character <= 0x9fff;
}

/// Marks that are found in every language's subtitles.
bool is_neutral(char32_t character) {
  constexpr std::u32string_view marks = U"\u00a0¡¿«»°§©®·½¼¾²³´£€‘’‚“”„†•…–—‹›™♪♫\ufeff";
  return marks.find(character) != std::u32string_view::npos || (character >= 0x3000 && character <= 0x303f) ||
         (character >= 0xff00 && character <= 0xff60);
}

bool is_small(char character) {
  return character >= 'a' && character <= 'z';
}

/// Marks that do not stand between two letters of a word.
bool ends_words(char32_t character) {
  constexpr std::u32string_view inside = U"´·‘’…–—";
  return is_neutral(character) && inside.find(character) == std::u32string_view::npos;
}

bool begins_words(char32_t character) {
  return character == U'‚' || character == U'„' || character == U'•';
}

/// Sets of DOS and old Macs have letters where the later ones have quotes and dashes. In an alphabet that is
/// mostly ASCII such a mark or two must not become letters.
bool is_old(Charset charset) {
  return charset >= ibm_720 && charset <= mac_roman;
}

/// Sums over the bytes beyond ASCII; a character of a multi-byte set has two.
struct Score {
  double worth = 0;
  double strange = 0;  ///< of what the language never has, and of what is never at that place of a word
  double bytes = 1;
  [[nodiscard]] double mean() const { return worth / bytes; }
  [[nodiscard]] bool doubtful() const { return strange >= std::max(2.0, bytes / 10); }
};

/// How well a decoded text reads as this language: 1 for every character beyond ASCII that it would have,
/// less for capitals inside of a text, negative for what it never has.
class Reading {
 public:
  explicit Reading(const Profile& profile)
      : letters_(sorted(profile.letters)),
        capitals_(sorted(profile.capitals)),
        common_(sorted(profile.common)),
        korean_(profile.charsets[0] == euc_kr),
        two_bytes_(profile.charsets[0] >= shift_jis) {}

  [[nodiscard]] Score score(std::string_view text, std::size_t bytes) const {
    // A quote or two are no text in another alphabet.
    const double least = common_.empty() || two_bytes_ ? 1 : 16;
    Score sum{0, 0, std::max(static_cast<double>(bytes), least)};
    bool in_word = false;
    bool in_latin = false;
    char before = ' ';  // of ASCII, or none of its letters
    while (!text.empty()) {
      const char32_t next = take_utf8(text);
      if (next < 0x80) {
        before = static_cast<char>(next);
        in_word = in_latin = is_small(before) || (before >= 'A' && before <= 'Z');
        continue;
      }
      const bool letter = !is_neutral(next);
      // Nobody writes half a word in another script.
      const bool mixed = in_latin && !common_.empty();
      // What a quote has become stands by itself, and letters of another script do not.
      const bool ends = text.empty() || static_cast<unsigned char>(text[0]) < 0x80;
      const bool alone = !in_word && ends && !two_bytes_ && !common_.empty();
      const double worth = !letter || alone ? 0 : mixed ? -1 : worth_of(next, in_word);
      sum.worth += worth * (two_bytes_ ? 2 : 1);
      if (worth < 0 || misplaced(next, before, text)) sum.strange += two_bytes_ ? 2 : 1;
      in_latin = in_latin && letter;
      in_word = letter;
      before = ' ';
    }
    return sum;
  }

 private:
  [[nodiscard]] bool misplaced(char32_t next, char before, std::string_view after) const {
    const bool inside = is_small(before) && !after.empty() && is_small(after[0]);
    return (inside && ends_words(next)) || (is_small(before) && (begins_words(next) || has(capitals_, next)));
  }

  [[nodiscard]] double worth_of(char32_t next, bool in_word) const {
    if (has(common_, next)) return 1;
    if (korean_) return is_hangul(next) ? 0.5 : is_han(next) ? 0 : -1;
    // A text in ideographs has a few hundred of them often, and thousands seldom.
    if (two_bytes_) return is_han(next) ? 0.5 : -1;
    if (has(letters_, next)) return common_.empty() ? 1 : 0.6;
    if (has(capitals_, next)) return in_word ? 0 : 0.6;
    return -1;
  }

  std::vector<char32_t> letters_, capitals_, common_;
  bool korean_, two_bytes_;
};

/// The sets whose letters are told apart from ASCII by more than their upper half are tried strictly.
bool strict_for(Charset charset) {
  return charset >= shift_jis;
}

std::string primary(std::string_view language) {
  return lower(language.substr(0, language.find_first_of("-_")));
}

bool speaks(const Profile& profile, std::string_view language) {
  return profile.languages.find(" " + std::string(language) + " ") != std::string_view::npos;
}

struct Choice {
  Charset charset = windows_1252;
  Score score;
};

/// What the bytes read best as, of sets that every language's files come in and of those that need a doubt.
struct Choices {
  std::optional<Choice> usual, old;
};

Choices choose(std::string_view bytes, const auto& wanted) {
  const auto beyond_ascii = static_cast<std::size_t>(std::count_if(
      bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  // Cut in the middle of a pair, the last byte would be wrong.
  const std::string_view lines = bytes.substr(0, bytes.rfind('\n'));
  Choices best;
  for (const Profile& profile : kProfiles) {
    if (!wanted(profile)) continue;
    const Reading reading(profile);
    for (const Charset charset : std::span(profile.charsets).first(profile.charset_count)) {
      const auto text = decode(lines, charset, strict_for(charset));
      if (!text) continue;
      const Score score = reading.score(*text, beyond_ascii);
      auto& choice = is_old(charset) && profile.common.empty() ? best.old : best.usual;
      if (!choice || score.mean() > choice->score.mean()) choice = Choice{charset, score};
    }
  }
  return best;
}

std::optional<Charset> decided(const Choices& best) {
  constexpr double least = 0.25;  // below it no reading is one
  if (!best.usual) return std::nullopt;
  const Score& usual = best.usual->score;
  if (best.old && usual.doubtful() && !best.old->score.doubtful() &&
      best.old->score.mean() > std::max(usual.mean(), least))
    return best.old->charset;
  return usual.mean() > least ? std::optional(best.usual->charset) : std::nullopt;
}

Charset best_charset(std::string_view bytes, std::string_view language) {
  const std::string_view looked = bytes.substr(0, kLooked);
  const std::string wanted = primary(language);
  const auto told = decided(
      choose(looked, [&](const Profile& profile) { return !wanted.empty() && speaks(profile, wanted); }));
  if (told) return *told;
  return decided(choose(looked, [](const Profile& /*any*/) { return true; })).value_or(windows_1252);
}

/// Without a mark: what is ASCII in UTF-16 has a zero on one side of its pair. In another script's long lines
/// that is not much, and a letter may have a zero on the other side (U+4E00).
std::optional<bool> big_endian_utf16(std::string_view bytes) {
  constexpr std::size_t looked = 4096;
  constexpr std::size_t least = 4;  // a byte of dirt is none
  std::array<std::size_t, 2> zeros{};
  const std::size_t count = std::min(bytes.size(), looked) / 2 * 2;
  for (std::size_t i = 0; i < count; ++i)
    if (bytes[i] == '\0') ++zeros[i % 2];
  const auto [few, many] = std::minmax(zeros[0], zeros[1]);
  if (many < least || many * 10 < count / 2 || few * 4 > many) return std::nullopt;
  return zeros[0] > zeros[1];
}

}  // namespace

std::string text_from(std::string_view bytes, std::string_view language) {
  const bool marked =
      bytes.starts_with("\xef\xbb\xbf") || bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
  if (marked) return clean_utf8(decoded_by_mark(bytes));
  if (const auto big_endian = big_endian_utf16(bytes)) return clean_utf8(decode_utf16(bytes, *big_endian));
  if (const auto japanese = decode_iso2022_jp(bytes)) return clean_utf8(*japanese);
  if (is_utf8(bytes)) return clean_utf8(bytes);
  // A damaged place or two do not make another set of a file that is UTF-8 all over.
  std::size_t wrong = 0, beyond = 0;
  for (std::string_view rest = bytes; !rest.empty();) {
    const bool replaced = rest.substr(0, 3) == "\xef\xbf\xbd";
    const char32_t next = take_utf8(rest);
    if (next == kReplacement && !replaced) ++wrong;
    if (next >= 0x80 && next != kReplacement) ++beyond;
  }
  if (wrong * 20 < beyond) return clean_utf8(bytes);
  return clean_utf8(*decode(bytes, best_charset(bytes, language)));
}

}  // namespace carrel::streamer::subtitles
