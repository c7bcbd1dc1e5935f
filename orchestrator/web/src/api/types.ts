/** What the daemon's JSON API sends; the names are the API's own. */

export interface User {
  id: string;
  username: string;
  role: string;
}

export interface Track {
  kind: string;
  codec: string;
  language: string | null;
  title: string | null;
  channels: number | null;
  default?: boolean;
  forced?: boolean;
}

export type VideoState = "waiting" | "indexing" | "ready" | "failed";

export interface Video {
  id: string;
  title: string;
  duration_seconds: number | null;
  /** Where this user stopped watching; null: at the beginning. */
  position_seconds: number | null;
  container: string | null;
  mime_type: string | null;
  playable: boolean;
  /** Why the film does not play; empty or null when it does. */
  reason: string | null;
  /** What is odd about the file. */
  findings?: string[];
  state: VideoState;
  width: number | null;
  height: number | null;
  size_bytes: number;
  added_at: string;
  /** Null until one is made. */
  poster_url?: string | null;
  tracks: Track[];
}

export interface VideoPage {
  items: Video[];
  /** Cursor of the page that follows, null on the last one. */
  next: string | null;
}

export interface Quality {
  id: string;
  label: string;
  height: number | null;
  bandwidth: number | null;
  state?: "ready" | "making" | "waiting" | "possible" | "failed";
  /** 0 to 1, while it is being made. */
  progress?: number | null;
  /** Null until it is ready. */
  url?: string | null;
}

export interface Subtitle {
  kind: "vtt" | "ass" | "sup" | "vobsub";
  language: string;
  title: string;
}

export interface Stream {
  /** Carries a token: for players outside this page. Null while the film does not play over HLS. */
  stream_url: string | null;
  original_url: string;
  mime_type: string | null;
  original_playable: boolean;
  qualities: Quality[];
  /** Id of the quality that suits the device whose hints were sent. */
  default_quality?: string | null;
  subtitles?: Subtitle[];
  sprites_url?: string | null;
  chapters_url?: string | null;
  token: string;
  expires_at: string;
}

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
}
