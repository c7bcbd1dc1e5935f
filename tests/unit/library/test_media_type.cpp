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
  CHECK_FALSE(is_media_extension("srt"));
  CHECK_FALSE(is_media_extension(""));
}
