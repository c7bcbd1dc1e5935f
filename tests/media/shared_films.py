"""Films with odd structure that others made, where they lie beside the checkout."""

import os
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("CARREL_SOURCE_DIR", Path(__file__).resolve().parents[2]))
MEDIA = Path(os.environ.get("CARREL_MEDIA_DIR", SOURCE.parent / "shared" / "media"))

# What becomes of each, and why.
MEDIA_VERDICTS = {
    "bbb_2500ms.ts": ("variant", "The video is MPEG-2"),
    "bbb_642x642_768kbps_30fps_vp9.webm": ("plays", ""),
    "bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4": ("plays", ""),
    "bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4": ("plays", ""),
    "bbb_960x540_60fps_vp8.webm": ("transcoded", ""),
    "bt601.mov": ("plays", ""),
    "h265_with_metadata_track.mp4": ("plays", ""),
    "long_1080p_av1.mp4": ("plays", ""),
    "portrait_4k60.mp4": ("plays", ""),
    "sample.avi": ("variant", "The video is MPEG-4 Part 2"),
    "sample.flv": ("plays", ""),
    "sample.mkv": ("plays", ""),
    "sample.mp4": ("plays", ""),
    "sample_ac3.mp4": ("plays", ""),
    "sample_ac3_aac.mp4": ("plays", ""),
    "sample_dts_hd_ma.mp4": ("plays", ""),
    "sample_eac3.mp4": ("transcoded", ""),
    "sample_edit_list.mp4": ("plays", ""),
    "sample_fragmented.mp4": ("plays", ""),
    "sample_h264.ts": ("plays", ""),
    "sample_mdat_too_long.mp4": ("plays", ""),
    "sample_missing_stsd.mp4": ("plays", ""),
    "sample_opus.mp4": ("plays", ""),
    "sample_sef_super_slow_motion.mp4": ("plays", ""),
    "sample_with_ass_subtitles.mkv": ("plays", ""),
    "sample_with_chapters.mkv": ("plays", ""),
    "sample_with_chapters.mp4": ("plays", ""),
    "sample_with_dts.mkv": ("plays", ""),
    "sample_with_multiple_key_frames.mkv": ("plays", ""),
    "sample_with_srt.mkv": ("plays", ""),
    "sample_without_stss.mp4": ("plays", ""),
}


def present():
    """Those that are there; says so where some are not."""
    found = {MEDIA / name: verdict for name, verdict in MEDIA_VERDICTS.items() if (MEDIA / name).exists()}
    if len(found) < len(MEDIA_VERDICTS):
        print(f"\nNOT TESTED: {len(MEDIA_VERDICTS) - len(found)} of the films in {MEDIA}, which are not there; set "
              "CARREL_MEDIA_DIR.", file=sys.stderr)
    return found
