#include "orchestrator/library/media_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace carrel::library {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 68> kTypes{{
    {"mp4", "video/mp4"},
    {"m4v", "video/mp4"},
    {"mov", "video/quicktime"},
    {"mkv", "video/x-matroska"},
    {"mk3d", "video/x-matroska"},
    {"webm", "video/webm"},
    {"avi", "video/x-msvideo"},
    {"divx", "video/x-msvideo"},
    {"ts", "video/mp2t"},
    {"m2ts", "video/mp2t"},
    {"mts", "video/mp2t"},
    {"mpg", "video/mpeg"},
    {"mpeg", "video/mpeg"},
    {"flv", "video/x-flv"},
    {"vob", "video/mpeg"},
    {"m2p", "video/mpeg"},
    {"m2t", "video/mp2t"},
    {"tp", "video/mp2t"},
    {"trp", "video/mp2t"},
    {"f4v", "video/mp4"},
    {"ismv", "video/mp4"},
    {"mj2", "video/mj2"},
    {"qt", "video/quicktime"},
    {"3g2", "video/3gpp2"},
    {"asf", "video/x-ms-asf"},
    {"wmv", "video/x-ms-wmv"},
    {"ogv", "video/ogg"},
    {"ogm", "video/ogg"},
    {"3gp", "video/3gpp"},
    {"rm", "video/vnd.rn-realmedia"},
    {"rmvb", "video/vnd.rn-realmedia"},
    {"dv", "video/x-dv"},
    {"dif", "video/x-dv"},
    {"ivf", "video/x-ivf"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"m4b", "audio/mp4"},
    {"isma", "audio/mp4"},
    {"mka", "audio/x-matroska"},
    {"weba", "audio/webm"},
    {"flac", "audio/flac"},
    {"ogg", "audio/ogg"},
    {"aac", "audio/aac"},
    {"latm", "audio/mp4a-latm"},
    {"loas", "audio/mp4a-latm"},
    {"ac3", "audio/ac3"},
    {"eac3", "audio/eac3"},
    {"ec3", "audio/eac3"},
    {"dts", "audio/vnd.dts"},
    {"mp2", "audio/mpeg"},
    {"mpa", "audio/mpeg"},
    {"m2a", "audio/mpeg"},
    {"wma", "audio/x-ms-wma"},
    {"oga", "audio/ogg"},
    {"opus", "audio/ogg"},
    {"spx", "audio/ogg"},
    {"wav", "audio/wav"},
    {"thd", "audio/vnd.dolby.mlp"},
    {"w64", "audio/x-w64"},
    {"aif", "audio/aiff"},
    {"truehd", "audio/vnd.dolby.mlp"},
    {"aiff", "audio/aiff"},
    {"aifc", "audio/aiff"},
    {"caf", "audio/x-caf"},
    {"wv", "audio/x-wavpack"},
    {"tta", "audio/x-tta"},
    {"ape", "audio/x-ape"},
    {"amr", "audio/amr"},
}};

const Entry* find(std::string_view extension) {
  const auto* found = std::ranges::find(kTypes, extension, &Entry::first);
  return found == kTypes.end() ? nullptr : found;
}

}  // namespace

bool is_media_extension(std::string_view extension) {
  return find(extension) != nullptr;
}

std::string_view media_type_of(std::string_view extension) {
  const Entry* entry = find(extension);
  return entry == nullptr ? "application/octet-stream" : entry->second;
}

bool is_media_type(std::string_view media_type) {
  return std::ranges::find(kTypes, media_type, &Entry::second) != kTypes.end();
}

}  // namespace carrel::library
