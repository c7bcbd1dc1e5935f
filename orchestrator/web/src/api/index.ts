import { request } from "./client";
import type { Stream, User, Video, VideoPage } from "./types";

export { ApiError } from "./client";
export type * from "./types";

const root = "/api/v1";

export const login = (username: string, password: string) =>
  request<User>("POST", `${root}/auth/login`, { username, password });

export const logout = () => request<void>("POST", `${root}/auth/logout`);

export const me = (signal?: AbortSignal) => request<User>("GET", `${root}/me`, undefined, signal);

export const videos = (after: string | null, signal: AbortSignal) =>
  request<VideoPage>("GET", `${root}/videos${after ? `?after=${encodeURIComponent(after)}` : ""}`, undefined, signal);

export const video = (id: string, signal: AbortSignal) =>
  request<Video>("GET", `${root}/videos/${encodeURIComponent(id)}`, undefined, signal);

export const stream = (id: string, signal: AbortSignal) =>
  request<Stream>("GET", `${root}/videos/${encodeURIComponent(id)}/stream`, undefined, signal);
