"""What a player is told of a film's sounds and subtitles, to choose by: held against ffprobe's words about the source."""

from hls_text import unquoted
from truth import groups

# Those that films of these tests have. RFC 5646 section 2.2.1: the shortest code there is.
LANGUAGES = {"eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr"}


def language_of(stream):
    code = stream.get("tags", {}).get("language", "und")
    return None if code == "und" else LANGUAGES.get(code, code)


def default_of(kind, streams, numbers):
    """A film has some sound in any case, and subtitles where it says so."""
    marked = [number for number in numbers if streams[number]["disposition"]["default"]]
    return min(marked or (numbers if kind == "AUDIO" else ()), default=None)


def complaints(master, streams):
    """`streams`: of the source, as ffprobe shows them."""
    for (kind, group), members in groups(master).items():
        # What lies beside the film has a number after those in it.
        inside = {number: media for media, uri in members if (number := int(uri.split("/")[0])) < len(streams)}
        wanted = {"AUDIO": "audio", "SUBTITLES": "subtitle"}[kind]
        if wrong := [number for number in inside if streams[number]["codec_type"] != wanted]:
            yield f"{kind} {group}: the streams {wrong} are something else"
        default = default_of(kind, streams, sorted(inside))
        for number, media in inside.items():
            where = f"EXT-X-MEDIA {kind} {group}: stream {number}"
            if unquoted(media.get("LANGUAGE")) != language_of(streams[number]):
                yield f"{where}: LANGUAGE={media.get('LANGUAGE')}, and the source has {language_of(streams[number])}"
            if (media.get("DEFAULT") == "YES") != (number == default):
                yield f"{where}: DEFAULT={media.get('DEFAULT')}, and the source's is {default}"
            if (media.get("FORCED") == "YES") != (kind == "SUBTITLES" and bool(streams[number]["disposition"]["forced"])):
                yield f"{where}: FORCED={media.get('FORCED')}, and that of the source is {streams[number]['disposition']['forced']}"
