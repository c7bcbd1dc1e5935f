"""What the MPD says, held against the playlists and their segments."""

import truth
from codec_strings import same_codec


def complaints(film):
    """The MPD names the same init and media segments as the playlists, at the same times."""
    representations = film.fetch_mpd()
    if representations is None:
        return
    for one in representations:
        folder = one["init"].rsplit("/", 1)[0]
        uri = folder + "/playlist.m3u8"
        rendition = film.renditions[uri] if uri in film.renditions else film.read_beside_master(uri)
        if rendition is None or rendition.track is None:
            yield f"manifest.mpd: {one['init']} belongs to no rendition"
            continue
        listed = [film.beside(rendition.uri, segment.uri) for segment in rendition.playlist.segments]
        if one["media"] != listed:
            yield f"manifest.mpd: {folder} has {one['media'][:3]}…, the playlist {listed[:3]}…"
        true = truth.presented(rendition)
        said = [((start - one["offset"]) / one["timescale"], length / one["timescale"]) for start, length in one["timeline"]]
        if len(true) != len(said) or any(abs(a - b) > 1e-6 for x, y in zip(true, said) for a, b in zip(x, y)):
            yield f"manifest.mpd: {folder} is at {said[:3]}…, its segments at {true[:3]}…"
        if not same_codec(rendition.track.codec, one["codecs"] or ""):
            yield f"manifest.mpd: {folder} is {rendition.track.codec}, and not {one['codecs']}"
        if one["bandwidth"] < truth.average_rate(rendition.rates) - 1:
            yield f"manifest.mpd: {folder}: a bandwidth of {one['bandwidth']} is below the average"
        if rendition.track.kind == "vide":
            yield from truth.frame_rate_complaints(f"manifest.mpd: {folder}", {"FRAME-RATE": one["frame_rate"]}, rendition)
