import { outside } from "../base";
import { request } from "./client";
import type { Stream, User, Video, VideoPage } from "./types";

export { ApiError } from "./client";
export type * from "./types";

const root = outside("/api/v1");

export const login = (username: string, password: string) =>
  request<User>("POST", `${root}/auth/login`, { username, password });

export const logout = () => request<void>("POST", `${root}/auth/logout`);

export const me = (signal?: AbortSignal) => request<User>("GET", `${root}/me`, undefined, signal);

export const videos = (after: string | null, signal: AbortSignal) =>
  request<VideoPage>("GET", `${root}/videos${after ? `?after=${encodeURIComponent(after)}` : ""}`, undefined, signal);

export const video = (id: string, signal: AbortSignal) =>
  request<Video>("GET", `${root}/videos/${encodeURIComponent(id)}`, undefined, signal);

/** `hints`: what the daemon may know of this device, see docs/api.md. */
export const stream = (id: string, signal: AbortSignal, hints = new URLSearchParams()) =>
  request<Stream>("GET", `${root}/videos/${encodeURIComponent(id)}/stream?${hints}`, undefined, signal);

/** Asks for a version that every browser plays, to be made of a film that has none. */
export const convert = (id: string, signal: AbortSignal) =>
  request<void>("POST", `${root}/videos/${encodeURIComponent(id)}/convert`, {}, signal);
