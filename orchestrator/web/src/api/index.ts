import { outside } from "../base";
import { lastRequest, request } from "./client";
import type { Stream, User, Video, VideoPage } from "./types";

export { ApiError } from "./client";
export type * from "./types";

const root = outside("/api/v1");
/** A logout waits for no longer than this. */
const lastWordMs = 1000;

export const login = (username: string, password: string) =>
  request<User>("POST", `${root}/auth/login`, { username, password });

export const me = (signal?: AbortSignal) => request<User>("GET", `${root}/me`, undefined, signal);

/** What is being written of positions; who reads films meanwhile would be told the position before it, and without a session
 *  nothing is written. */
let keeping: Promise<void> = Promise.resolve();

export async function videos(after: string | null, signal: AbortSignal): Promise<VideoPage> {
  await keeping;
  return request<VideoPage>("GET", `${root}/videos${after ? `?after=${encodeURIComponent(after)}` : ""}`, undefined, signal);
}

export async function video(id: string, signal: AbortSignal): Promise<Video> {
  await keeping;
  return request<Video>("GET", `${root}/videos/${encodeURIComponent(id)}`, undefined, signal);
}

/** Tells the daemon where this user is in a film. Nobody waits for it: one that fails is followed by the next. */
export function keepPosition(id: string, seconds: number): void {
  const written = lastRequest("PUT", `${root}/videos/${encodeURIComponent(id)}/position`, { seconds });
  keeping = written.catch(() => undefined);
}

export async function logout(): Promise<void> {
  await Promise.race([keeping, new Promise((goOn) => setTimeout(goOn, lastWordMs))]);
  return request<void>("POST", `${root}/auth/logout`);
}

/** `hints`: what the daemon may know of this device, see docs/api.md. */
export const stream = (id: string, signal: AbortSignal, hints = new URLSearchParams()) =>
  request<Stream>("GET", `${root}/videos/${encodeURIComponent(id)}/stream?${hints}`, undefined, signal);

/** Asks for a version that every browser plays, to be made of a film that has none. */
export const convert = (id: string, signal: AbortSignal) =>
  request<void>("POST", `${root}/videos/${encodeURIComponent(id)}/convert`, {}, signal);
