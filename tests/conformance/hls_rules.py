"""What RFC 8216bis demands of a playlist, each rule a line of complaint where it is broken.

Only what the text alone shows; what the segments must bear out is in truth.py.
"""

import re
from fractions import Fraction
from urllib.parse import urlsplit

from hls_text import DECIMAL, FLOATING, RESOLUTION, Malformed, parse, unquoted

MASTER_TAGS = {"EXT-X-STREAM-INF", "EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY",
               "EXT-X-CONTENT-STEERING"}
MEDIA_TAGS = {"EXTINF", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME",
              "EXT-X-GAP", "EXT-X-BITRATE", "EXT-X-PART", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE",
              "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY", "EXT-X-DATERANGE"}
BOTH_TAGS = {"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-DEFINE"}
ONCE = {"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-TARGETDURATION",
        "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE",
        "EXT-X-I-FRAMES-ONLY", "EXT-X-CONTENT-STEERING"}

# The form of each attribute's value (sections 4.4.2 to 4.4.6).
QUOTED, NUMBER, FLOAT, SIZE = "a quoted string", "a decimal integer", "a decimal number", "a resolution"
YES_NO = "YES or NO"
FORMS = {
    "EXT-X-STREAM-INF": {
        "BANDWIDTH": NUMBER, "AVERAGE-BANDWIDTH": NUMBER, "SCORE": FLOAT, "CODECS": QUOTED, "SUPPLEMENTAL-CODECS": QUOTED,
        "RESOLUTION": SIZE, "FRAME-RATE": FLOAT, "HDCP-LEVEL": ("TYPE-0", "TYPE-1", "NONE"), "ALLOWED-CPC": QUOTED,
        "VIDEO-RANGE": ("SDR", "HLG", "PQ"), "REQ-VIDEO-LAYOUT": QUOTED, "STABLE-VARIANT-ID": QUOTED, "AUDIO": QUOTED,
        "VIDEO": QUOTED, "SUBTITLES": QUOTED, "CLOSED-CAPTIONS": None, "PATHWAY-ID": QUOTED},
    "EXT-X-I-FRAME-STREAM-INF": {
        "BANDWIDTH": NUMBER, "AVERAGE-BANDWIDTH": NUMBER, "SCORE": FLOAT, "CODECS": QUOTED, "SUPPLEMENTAL-CODECS": QUOTED,
        "RESOLUTION": SIZE, "HDCP-LEVEL": ("TYPE-0", "TYPE-1", "NONE"), "ALLOWED-CPC": QUOTED,
        "VIDEO-RANGE": ("SDR", "HLG", "PQ"), "REQ-VIDEO-LAYOUT": QUOTED, "STABLE-VARIANT-ID": QUOTED, "VIDEO": QUOTED,
        "PATHWAY-ID": QUOTED, "URI": QUOTED},
    "EXT-X-MEDIA": {
        "TYPE": ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"), "URI": QUOTED, "GROUP-ID": QUOTED, "LANGUAGE": QUOTED,
        "ASSOC-LANGUAGE": QUOTED, "NAME": QUOTED, "STABLE-RENDITION-ID": QUOTED, "DEFAULT": YES_NO, "AUTOSELECT": YES_NO,
        "FORCED": YES_NO, "INSTREAM-ID": QUOTED, "BIT-DEPTH": NUMBER, "SAMPLE-RATE": NUMBER, "CHARACTERISTICS": QUOTED,
        "CHANNELS": QUOTED},
    "EXT-X-MAP": {"URI": QUOTED, "BYTERANGE": QUOTED},
    "EXT-X-SESSION-DATA": {"DATA-ID": QUOTED, "VALUE": QUOTED, "URI": QUOTED, "FORMAT": ("JSON", "RAW"), "LANGUAGE": QUOTED},
    "EXT-X-START": {"TIME-OFFSET": None, "PRECISE": YES_NO},
}
NEEDED = {"EXT-X-STREAM-INF": ("BANDWIDTH",), "EXT-X-I-FRAME-STREAM-INF": ("BANDWIDTH", "URI"),
          "EXT-X-MEDIA": ("TYPE", "GROUP-ID", "NAME"), "EXT-X-MAP": ("URI",), "EXT-X-SESSION-DATA": ("DATA-ID",),
          "EXT-X-START": ("TIME-OFFSET",)}
# RFC 5646, as far as it can be told without its registry.
LANGUAGE = re.compile(r"([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
                      r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-x(-[A-Za-z0-9]{1,8})+)?")
CODEC = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9.+_-]+)?")


def _has_form(form, value):
    if form is None:
        return True
    if form == QUOTED:
        return value.startswith('"') and value.endswith('"') and len(value) >= 2
    if value.startswith('"'):
        return False
    patterns = {NUMBER: DECIMAL, FLOAT: FLOATING, SIZE: RESOLUTION, YES_NO: re.compile("YES|NO")}
    return value in form if isinstance(form, tuple) else patterns[form].fullmatch(value) is not None


def _attribute_complaints(playlist, name):
    for tag, given in zip(playlist.all(name), playlist.attributes(name)):
        for attribute, value in given.items():
            if attribute not in FORMS[name]:
                if not attribute.startswith("X-"):
                    yield f"line {tag.line}: {name} has no attribute {attribute}"
            elif not _has_form(FORMS[name][attribute], value):
                yield f"line {tag.line}: {attribute}={value} is not {FORMS[name][attribute]}"
        for attribute in NEEDED.get(name, ()):
            if attribute not in given:
                yield f"line {tag.line}: {name} needs {attribute}"


def _common(playlist):
    for name in ONCE:
        if len(playlist.all(name)) > 1:
            yield f"{name} is there more than once"
    for name in FORMS:
        yield from _attribute_complaints(playlist, name)
    names = {tag.name for tag in playlist.tags}
    if names & MASTER_TAGS and names & MEDIA_TAGS:
        yield f"tags of both kinds of playlist: {sorted(names & MASTER_TAGS)} and {sorted(names & MEDIA_TAGS)}"
    for name in names - MASTER_TAGS - MEDIA_TAGS - BOTH_TAGS:
        yield f"the tag {name} is not known"
    version = playlist.first("EXT-X-VERSION")
    if version and not DECIMAL.fullmatch(version.value or ""):
        yield f"EXT-X-VERSION:{version.value} is no number"


def _uri_complaint(uri):
    parts = urlsplit(uri)
    if not uri or any(c in uri for c in ' "<>\\^`{|}') or not uri.isascii():
        return f"{uri!r} is no URI"
    if parts.scheme or parts.netloc or uri.startswith("/"):
        return f"{uri!r} leads away from the playlist"  # relative ones alone keep a token in the path
    return None


def _needed_version(playlist):
    """(version, why): section 8."""
    need = (1, "nothing")
    names = {tag.name for tag in playlist.tags}
    if any(segment.duration.denominator != 1 for segment in playlist.segments):
        need = max(need, (3, "EXTINF with decimals"))
    if names & {"EXT-X-BYTERANGE", "EXT-X-I-FRAMES-ONLY"}:
        need = max(need, (4, "byte ranges or I-frames only"))
    if "EXT-X-MAP" in names:
        need = max(need, (5 if "EXT-X-I-FRAMES-ONLY" in names else 6, "EXT-X-MAP"))
    if any(media.get("TYPE") == "CLOSED-CAPTIONS" and "SERVICE" in media.get("INSTREAM-ID", "")
           for media in playlist.attributes("EXT-X-MEDIA")):
        need = max(need, (7, "INSTREAM-ID of SERVICE"))
    if "EXT-X-DEFINE" in names:
        need = max(need, (8, "EXT-X-DEFINE"))
    if any("REQ-VIDEO-LAYOUT" in stream for stream, _ in playlist.streams):
        need = max(need, (12, "REQ-VIDEO-LAYOUT"))
    return need


def _version_complaints(playlist):
    need, why = _needed_version(playlist)
    said = playlist.number("EXT-X-VERSION") or 1
    if said < need:
        yield f"version {said} is too low for {why}, which needs {need}"
    if playlist.all("EXT-X-VERSION") and said > 13:
        yield f"there is no version {said}"


def _guarded(check):
    def run(body):
        try:
            return list(check(parse(body)))
        except (Malformed, UnicodeDecodeError) as error:
            return [str(error)]
    return run


@_guarded
def check_media(playlist):
    """Complaints about a media playlist that is complete (VOD)."""
    yield from _common(playlist)
    yield from _version_complaints(playlist)
    target = playlist.number("EXT-X-TARGETDURATION")
    if target is None:
        yield "EXT-X-TARGETDURATION is missing or no integer"
    if not playlist.segments:
        yield "there is no segment"
    if not playlist.all("EXT-X-ENDLIST"):
        yield "EXT-X-ENDLIST is missing"
    kind = playlist.first("EXT-X-PLAYLIST-TYPE")
    if kind and kind.value not in ("VOD", "EVENT"):
        yield f"EXT-X-PLAYLIST-TYPE:{kind.value}"
    iframes = bool(playlist.all("EXT-X-I-FRAMES-ONLY"))
    for segment in playlist.segments:
        where = f"line {segment.line}: {segment.uri}"
        # "the EXTINF duration … when rounded to the nearest integer, MUST be less than or equal to the Target Duration"
        if target is not None and int(segment.duration + Fraction(1, 2)) > target:
            yield f"{where} lasts {float(segment.duration)} s, longer than the target duration of {target}"
        if segment.duration <= 0:
            yield f"{where} lasts no time"
        if complaint := _uri_complaint(segment.uri):
            yield complaint
        if iframes and segment.byterange is None and segment.map is None:
            yield f"{where}: an I-frame without a byte range"
    yield from _byterange_complaints(playlist)
    first = playlist.segments[0].line if playlist.segments else 0
    for name in ("EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE"):
        tag = playlist.first(name)
        if tag and tag.line > first:
            yield f"{name} comes after the first segment"
        if tag and not DECIMAL.fullmatch(tag.value or ""):
            yield f"{name}:{tag.value} is no number"
    for given in playlist.attributes("EXT-X-MAP"):
        if complaint := _uri_complaint(unquoted(given.get("URI", '""'))):
            yield complaint
    for segment in playlist.segments:
        if re.search(r"\.(m4s|mp4|cmf.)$", segment.uri) and segment.map is None:
            yield f"{segment.uri}: fragmented MP4 without EXT-X-MAP"


def _byterange_complaints(playlist):
    last = None
    for segment in playlist.segments:
        if segment.byterange and segment.byterange[1] is None and (last is None or last.uri != segment.uri or not last.byterange):
            yield f"line {segment.line}: a byte range without an offset that follows none of the same file"
        if segment.byterange and segment.byterange[0] == 0:
            yield f"line {segment.line}: an empty byte range"
        last = segment


def _media_complaints(playlist):
    groups = {}
    for media in playlist.attributes("EXT-X-MEDIA"):
        kind, name = media.get("TYPE"), media.get("NAME")
        where = f"EXT-X-MEDIA {kind} {name}"
        groups.setdefault((kind, media.get("GROUP-ID")), []).append(media)
        if kind == "SUBTITLES" and "URI" not in media:
            yield f"{where}: subtitles need a URI"
        if kind == "CLOSED-CAPTIONS" and ("URI" in media or "INSTREAM-ID" not in media):
            yield f"{where}: closed captions need INSTREAM-ID and must have no URI"
        if kind != "CLOSED-CAPTIONS" and "INSTREAM-ID" in media:
            yield f"{where}: INSTREAM-ID is for closed captions"
        if kind != "SUBTITLES" and "FORCED" in media:
            yield f"{where}: FORCED is for subtitles"
        if media.get("DEFAULT") == "YES" and media.get("AUTOSELECT", "YES") != "YES":
            yield f"{where}: the default has to be AUTOSELECT=YES"
        if "URI" in media and (complaint := _uri_complaint(unquoted(media["URI"]))):
            yield complaint
        for attribute in ("LANGUAGE", "ASSOC-LANGUAGE"):
            if attribute in media and not LANGUAGE.fullmatch(unquoted(media[attribute])):
                yield f"{where}: {media[attribute]} is no language tag of RFC 5646"
        if "CHANNELS" in media and not re.fullmatch(r"[0-9]+(/[A-Z0-9,-]*){0,2}", unquoted(media["CHANNELS"])):
            yield f"{where}: CHANNELS={media['CHANNELS']}"
    for (kind, group), members in groups.items():
        names = [media.get("NAME") for media in members]
        for name in {name for name in names if names.count(name) > 1}:
            yield f"two renditions of {kind} {group} have the NAME {name}"
        if sum(media.get("DEFAULT") == "YES" for media in members) > 1:
            yield f"{kind} {group} has more than one default"
    same = {}
    for (kind, _), members in groups.items():
        shape = sorted((m.get("NAME", ""), m.get("LANGUAGE", ""), m.get("DEFAULT", "NO"), m.get("FORCED", "NO"))
                       for m in members)
        if same.setdefault(kind, shape) != shape:
            yield f"the groups of {kind} do not have the same members"


def _stream_complaints(playlist):
    groups = {(media.get("TYPE"), unquoted(media.get("GROUP-ID"))) for media in playlist.attributes("EXT-X-MEDIA")}
    used = set()
    every = list(playlist.streams)
    every += [(stream, unquoted(stream.get("URI", '""'))) for stream in playlist.attributes("EXT-X-I-FRAME-STREAM-INF")]
    for stream, uri in every:
        if complaint := _uri_complaint(uri):
            yield complaint
        for attribute in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"):
            if attribute in stream and stream[attribute] != "NONE":
                group = (attribute, unquoted(stream[attribute]))
                used.add(group)
                if group not in groups:
                    yield f"{uri}: there is no group {group[1]} of {attribute}"
        if "CODECS" not in stream:
            yield f"{uri}: CODECS is missing"
        codecs = unquoted(stream.get("CODECS", '""')).split(",")
        for codec in codecs:
            if codec and not CODEC.fullmatch(codec):
                yield f"{uri}: {codec!r} is no codec of RFC 6381"
        if len(codecs) != len(set(codecs)):
            yield f"{uri}: a codec is there twice: {codecs}"
        least, most = stream.get("AVERAGE-BANDWIDTH"), stream.get("BANDWIDTH", "0")
        if least and least.isdecimal() and most.isdecimal() and int(least) > int(most):
            yield f"{uri}: the average bandwidth is above the peak"
        if most == "0":
            yield f"{uri}: BANDWIDTH is 0"
    for kind, group in groups - used:
        yield f"no stream uses the group {group} of {kind}"
    bound = {stream.get("SUBTITLES") for stream, _ in playlist.streams}
    if len(bound) > 1 and None in bound:
        yield "some streams have SUBTITLES, others none"


@_guarded
def check_master(playlist):
    """Complaints about a multivariant playlist."""
    yield from _common(playlist)
    yield from _version_complaints(playlist)
    if not playlist.streams:
        yield "there is no variant stream"
    yield from _media_complaints(playlist)
    yield from _stream_complaints(playlist)
    ids = [(d.get("DATA-ID"), d.get("LANGUAGE")) for d in playlist.attributes("EXT-X-SESSION-DATA")]
    if len(ids) != len(set(ids)):
        yield "the same EXT-X-SESSION-DATA twice"
    for data in playlist.attributes("EXT-X-SESSION-DATA"):
        if ("VALUE" in data) == ("URI" in data):
            yield f"EXT-X-SESSION-DATA {data.get('DATA-ID')} needs VALUE or URI, and not both"
