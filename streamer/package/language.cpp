#include "streamer/package/language.hpp"

namespace carrel::streamer {
namespace {

/// ISO 639-2 (terminological and bibliographic) and ISO 639-1, five letters each.
constexpr std::string_view kShorter =
    "aaraaabkabafrafakaakalbsqamhamaraararganarmhyasmasavaavaveaeaymayazeazbakbabambmbaqeubelbe"
    "benbnbisbibodbobosbsbrebrbulbgburmycatcacescschachchecechizhchucuchvcvcorkwcoscocrecrcymcy"
    "czecsdandadeudedivdvdutnldzodzellelengenepoeoesteteuseueweeefaofofasfafijfjfinfifrafrfrefr"
    "fryfyfulffgeokagerdeglagdglegaglgglglvgvgreelgrngngujguhaththauhahebheherhzhinhihmohohrvhr"
    "hunhuhyehyiboigiceisidoioiiiiiikuiuileieinaiaindidipkikislisitaitjavjvjpnjakalklkanknkasks"
    "katkakaukrkazkkkhmkmkikkikinrwkirkykomkvkonkgkorkokuakjkurkulaololatlalavlvlimlilinlnlitlt"
    "ltzlblubluluglgmacmkmahmhmalmlmaomimarmrmaymsmkdmkmlgmgmltmtmonmnmrimimsamsmyamynaunanavnv"
    "nblnrndendndongnepnenldnlnnonnnobnbnornonyanyociocojiojoriorormomossospanpaperfaplipipolpl"
    "porptpuspsquequrohrmronrorumrorunrnrusrusagsgsansasinsislksksloskslvslsmesesmosmsnasnsndsd"
    "somsosotstspaessqisqsrdscsrpsrsswsssunsuswaswswesvtahtytamtatatttteltetgktgtgltlthathtibbo"
    "tirtitontotsntntsotstuktkturtrtwitwuigugukrukurduruzbuzvenvevievivolvowelcywlnwawolwoxhoxh"
    "yidyiyoryozhazazhozhzulzu";

bool letters_and_digits(std::string_view part) {
  if (part.empty() || part.size() > 8) return false;
  for (const char c : part) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!good) return false;
  }
  return true;
}

bool well_formed(std::string_view tag) {
  while (true) {
    const auto dash = tag.find('-');
    if (!letters_and_digits(tag.substr(0, dash))) return false;
    if (dash == std::string_view::npos) return true;
    tag.remove_prefix(dash + 1);
  }
}

}  // namespace

std::string language_tag(std::string_view found) {
  if (found.size() < 2 || found.size() > 35 || found == "und" || !well_formed(found)) return {};
  if (found.size() != 3) return std::string(found);
  for (std::size_t at = 0; at < kShorter.size(); at += 5)
    if (kShorter.substr(at, 3) == found) return std::string(kShorter.substr(at + 3, 2));
  return std::string(found);
}

}  // namespace carrel::streamer
