#include <doctest/doctest.h>

#include "orchestrator/library/media_type.hpp"

using namespace carrel::library;

TEST_CASE("media types by extension") {
  CHECK(media_type_of("mkv") == "video/x-matroska");
  CHECK(media_type_of("m4v") == "video/mp4");
  CHECK(media_type_of("flac") == "audio/flac");
  CHECK(media_type_of("exe") == "application/octet-stream");
  for (const char* extension :
       {"mp4", "m4v", "mkv", "webm", "mov", "avi", "ts", "flv", "mp3", "m4a", "flac", "ogg"}) {
    CAPTURE(extension);
    CHECK(is_media_extension(extension));
  }
  CHECK(media_type_of("aif") == "audio/aiff");
  CHECK(media_type_of("thd") == "audio/vnd.dolby.mlp");
  CHECK(media_type_of("rmvb") == "video/vnd.rn-realmedia");
  for (const char* extension :
       {"w64", "aiff", "caf", "truehd", "latm", "loas", "wv", "tta", "ape", "amr", "dv", "rm", "ivf"}) {
    CAPTURE(extension);
    CHECK(is_media_extension(extension));
  }
  CHECK(media_type_of("divx") == "video/x-msvideo");
  CHECK(media_type_of("ogm") == "video/ogg");
  for (const char* extension :
       {"tp", "trp", "m2p", "mk3d", "ismv", "isma", "mj2", "dif", "weba", "ec3", "mpa", "m2a", "spx"}) {
    CAPTURE(extension);
    CHECK(is_media_extension(extension));
  }
  CHECK_FALSE(is_media_extension("dat"));  // a VideoCD's, and anything else
  CHECK_FALSE(is_media_extension("m1v"));  // streams without a container are not read
  CHECK_FALSE(is_media_extension("srt"));
  CHECK_FALSE(is_media_extension(""));
}
