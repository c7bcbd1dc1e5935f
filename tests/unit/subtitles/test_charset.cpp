#include <doctest/doctest.h>

#include <array>
#include <map>

#include "streamer/subtitles/charset.hpp"
#include "streamer/subtitles/detect_charset.hpp"
#include "streamer/subtitles/utf8.hpp"

using namespace carrel::streamer::subtitles;
using namespace std::string_view_literals;

TEST_CASE("marks and UTF-16 without one") {
  CHECK(text_from("\xef\xbb\xbfgr\xc3\xbcn", "") == "grün");
  CHECK(text_from("\xff\xfeH\0i\0\x3d\xd8\x00\xde"sv, "") == "Hi\U0001F600");
  CHECK(text_from("\xfe\xff\0H\0i"sv, "") == "Hi");
  CHECK(text_from("H\0e\0l\0l\0o\0,\0 \0y\0o\0u\0"sv, "") == "Hello, you");
  CHECK(text_from("\0H\0e\0l\0l\0o\0,\0 \0y\0o\0u"sv, "") == "Hello, you");
  CHECK(text_from("\xff\xfe\x3d\xd8", "") == "\xef\xbf\xbd");
}

TEST_CASE("UTF-16 without a mark, where little of it is ASCII") {
  const std::string russian =
      "1\n00:00:01,000 --> 00:00:01,900\n"
      "Привет, как твои дела сегодня утром, друг?\nМне кажется, что скоро пойдёт дождь.\n";
  std::string chinese = "1\n00:00:01,000 --> 00:00:01,900\n";
  for (int i = 0; i < 6; ++i) chinese += "你在这里做什么？一个人。";
  for (const std::string& text : {russian, chinese}) {
    std::array<std::string, 2> bytes;
    for (std::string_view rest = text; !rest.empty();) {
      const char32_t character = take_utf8(rest);
      const auto high = static_cast<char>(character >> 8), low = static_cast<char>(character & 0xff);
      bytes[0] += {low, high};
      bytes[1] += {high, low};
    }
    CHECK(text_from(bytes[0], "") == text);
    CHECK(text_from(bytes[1], "") == text);
  }
  CHECK(text_from("Hi\0"sv, "") == "Hi");
}

TEST_CASE("UTF-8 with a damaged place stays UTF-8") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "Größe ";
  CHECK(text_from(text + "\xff", "") == text + "\xef\xbf\xbd");
}

TEST_CASE("every byte of every set decodes to valid text or not at all") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (int i = 0; i <= static_cast<int>(kLastCharset); ++i)
    CHECK(decode(all, static_cast<Charset>(i))->find("ABC") != std::string::npos);
  CHECK(*decode("\x80\xe4", Charset::windows_1252) == "€ä");
  CHECK(*decode("\x81", Charset::windows_1252) == "\xef\xbf\xbd");
  CHECK_FALSE(decode("\x81", Charset::gbk, true));
  CHECK(*decode("\x81\n", Charset::gbk) == "\xef\xbf\xbd\n");
}

namespace {

/// The other way round: by trying every byte and pair.
std::map<std::string, std::string> table_of(Charset charset) {
  std::map<std::string, std::string> table;
  for (int first = 0; first < 256; ++first) {
    const std::string one(1, static_cast<char>(first));
    const auto text = decode(one, charset, true);
    if (text) table.emplace(*text, one);
    if (charset < Charset::shift_jis || first < 0x80) continue;
    for (int second = 0x40; second < 256; ++second) {
      const std::string pair = one + static_cast<char>(second);
      const auto character = decode(pair, charset, true);
      if (character) table.emplace(*character, pair);
    }
  }
  return table;
}

std::string encoded(std::string_view text, Charset charset) {
  const auto table = table_of(charset);
  std::string bytes;
  while (!text.empty()) {
    std::string character;
    append_utf8(character, take_utf8(text));
    const auto found = table.find(character);
    REQUIRE_MESSAGE(found != table.end(), character);
    bytes += found->second;
  }
  return bytes;
}

struct Sample {
  Charset charset;
  const char* language;
  std::string_view text;
};

constexpr std::string_view kRussian =
    "Что ты здесь делаешь? Я же сказал тебе: никогда не приходи сюда!\nИван, послушай меня.\n";
constexpr std::string_view kGreek = "Τι κάνεις εδώ; Σου είπα να μην ξανάρθεις ποτέ.\nΆκουσέ με, Γιάννη.\n";
constexpr std::string_view kPolish =
    "Co ty tu robisz? Mówiłem ci, żebyś tu więcej nie przychodził.\nZażółć gęślą jaźń.\n";
constexpr std::string_view kCzech =
    "Co tady děláš? Říkal jsem ti, ať sem už nikdy nechodíš.\nPříliš žluťoučký kůň.\n";

constexpr std::string_view kGerman =
    "Was machst du hier? Ich habe dir gesagt, dass du nie wieder herkommen darfst.\nGrüße an die "
    "Öffentlichkeit, schöne Straße!\n";
constexpr std::string_view kFrench =
    "Je t'ai dit de ne jamais revenir ici.\nÇa, c'était à côté de l'hôtel, où ça, mon frère ?\n";
constexpr std::string_view kItalian =
    "Che cosa fai qui? Non è più possibile, perché la città è lontana.\nSì, però verrà anche Niccolò, giù.\n";
constexpr std::string_view kTurkish =
    "Burada ne yapıyorsun? Sana bir daha buraya gelme demiştim.\nGüneş doğdu, şöyle İstanbul'a bakalım.\n";
constexpr std::string_view kLithuanian =
    "Ką tu čia veiki? Sakiau tau niekada čia negrįžti.\nŽąsys šlapioje žolėje, ūkininkė ėjo.\n";
constexpr std::string_view kHebrew = "מה אתה עושה כאן? אמרתי לך לא לחזור לכאן לעולם.\n";
constexpr std::string_view kArabic = "ماذا تفعل هنا، قلت لك ألا تعود إلى هنا أبدا.\n";
constexpr std::string_view kJapanese =
    "ここで何をしているの？ 二度と来るなと言ったはずだ。\nカメラを見てください！\n";

constexpr std::array kSamples{
    Sample{Charset::windows_1251, "ru", kRussian},
    Sample{Charset::koi8_r, "ru", kRussian},
    Sample{Charset::iso_8859_5, "ru", kRussian},
    Sample{Charset::ibm_866, "ru", kRussian},
    Sample{Charset::koi8_u, "uk",
           "Що ти тут робиш? Я ж казав тобі ніколи не приходити сюди! Її їжа, ґанок.\n"},
    Sample{Charset::windows_1253, "el", kGreek},
    Sample{Charset::iso_8859_7, "el", kGreek},
    Sample{Charset::windows_1250, "pl", kPolish},
    Sample{Charset::iso_8859_2, "pl", kPolish},
    Sample{Charset::windows_1250, "cs", kCzech},
    Sample{Charset::iso_8859_2, "cs", kCzech},
    Sample{Charset::windows_1250, "hu",
           "Mit csinálsz itt? Megmondtam, hogy soha többé ne gyere ide.\nÁrvíztűrő tükörfúrógép, őszinte.\n"},
    Sample{Charset::windows_1252, "fr",
           "Qu’est-ce que tu fais là ? Je t’ai dit de ne jamais revenir ici.\nÇa, c’était à côté de l’hôtel, "
           "où ça ?\n"},
    Sample{Charset::windows_1252, "de", kGerman},
    Sample{Charset::windows_1252, "es",
           "¿Qué haces aquí? Te dije que no volvieras jamás.\n¡Mañana será otro día, señor!\n"},
    Sample{Charset::windows_1254, "tr", kTurkish},
    Sample{Charset::windows_1255, "he", kHebrew},
    Sample{Charset::windows_1256, "ar", "ماذا تفعل هنا؟ قلت لك ألا تعود إلى هنا أبدا.\n"},
    Sample{Charset::windows_1257, "lt", kLithuanian},
    Sample{Charset::windows_874, "th", "คุณมาทำอะไรที่นี่ ฉันบอกแล้วว่าอย่ากลับมาอีก\n"},
    Sample{Charset::shift_jis, "ja", kJapanese},
    Sample{Charset::gbk, "zh",
           "你在这里做什么？我告诉过你，不要再来这里了。\n他们说这个国家的人都是我们的朋友。\n"},
    Sample{Charset::big5, "zh",
           "你在這裡做什麼？我告訴過你，不要再來這裡了。\n他們說這個國家的人都是我們的朋友。\n"},
    Sample{Charset::ibm_850, "de", kGerman},
    Sample{Charset::ibm_850, "fr", kFrench},
    Sample{Charset::ibm_850, "it", kItalian},
    Sample{Charset::ibm_850, "sv",
           "Vad gör du här? Jag sa åt dig att aldrig någonsin återvända.\nÄlskar du mig än?\n"},
    Sample{Charset::ibm_850, "es",
           "¿Qué haces aquí? Te dije que no volvieras jamás.\n¡Mañana será otro día, señor!\n"},
    Sample{Charset::mac_roman, "de", kGerman},
    Sample{Charset::mac_roman, "fr", kFrench},
    Sample{Charset::ibm_852, "pl", kPolish},
    Sample{Charset::ibm_852, "cs", kCzech},
    Sample{Charset::ibm_857, "tr", kTurkish},
    Sample{Charset::ibm_775, "lt", kLithuanian},
    Sample{Charset::ibm_855, "ru", kRussian},
    Sample{Charset::ibm_737, "el", kGreek},
    Sample{Charset::ibm_869, "el", kGreek},
    Sample{Charset::ibm_862, "he", kHebrew},
    Sample{Charset::ibm_720, "ar", "ماذا تفعل هنا. قلت لك ألا تعود إلى هنا أبدا.\n"},
    Sample{Charset::iso_8859_6, "ar", kArabic},
    Sample{Charset::euc_jp, "ja", kJapanese},
    Sample{Charset::euc_kr, "ko", "여기서 뭐 하는 거야? 다시는 오지 말라고 했잖아.\n우리는 친구야.\n"},
};

}  // namespace

TEST_CASE("old files are read with the language of their name, and without it") {
  for (const Sample& sample : kSamples) {
    const std::string bytes = encoded(sample.text, sample.charset);
    CAPTURE(sample.language);
    CAPTURE(static_cast<int>(sample.charset));
    CHECK(text_from(bytes, sample.language) == sample.text);
    CHECK(text_from(bytes, "") == sample.text);
  }
}

TEST_CASE("a name that tells the wrong language does not spoil a text in another script") {
  CHECK(text_from(encoded(kRussian, Charset::windows_1251), "en") == kRussian);
}

TEST_CASE("the letters of IBM 437 are where those of 850 are") {
  CHECK(text_from("Gr\x81\xe1"
                  "e aus K\x94ln, f\x81r alle M\x84"
                  "dchen, \x9a"
                  "ber die Stra\xe1"
                  "e\n",
                  "") == "Grüße aus Köln, für alle Mädchen, Über die Straße\n");
}

TEST_CASE("curly quotes and dashes of an English text are no letters of another set") {
  for (const std::string_view text : {"“Yes.” he said.\n“No, not now!” she said. “Go.”\n"sv,
                                      "It’s me… wait – no. Don’t…\n“Really?” You’re late…\n"sv,
                                      "Wait…\nWhat…\nNo…\n"sv, "‘A’ or ‘B’ — that’s all.\n"sv}) {
    CAPTURE(text);
    const std::string bytes = encoded(text, Charset::windows_1252);
    CHECK(text_from(bytes, "en") == text);
    CHECK(text_from(bytes, "") == text);
  }
}

TEST_CASE("ISO 2022-JP") {
  CHECK(text_from("1\n\x1b$B$3$l$OF|K\\8l\x1b(B ok\n\x1b$B;zKk\n2\n\x1b(I1\x1b(J~\n", "") ==
        "1\nこれは日本語 ok\n字幕\n2\nｱ~\n");
  CHECK(text_from("\x1b$B$3\xc3\xa9", "") == "$B$3é");
  CHECK(text_from("no escape $B$3", "") == "no escape $B$3");
}

TEST_CASE("a letter of EUC-JP in three bytes does not spoil the text") {
  const std::string bytes = encoded(kJapanese, Charset::euc_jp);
  CHECK(text_from(bytes + "Caf\x8f\xab\xb1\n", "") == std::string(kJapanese) + "Caf\xef\xbf\xbd\n");
}
