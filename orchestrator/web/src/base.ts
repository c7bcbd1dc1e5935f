/** Where a proxy puts the page on its host, as the daemon wrote it into the page: "" or "/carrel". */
export const base: string =
  typeof document === "undefined" ? "" : (document.querySelector<HTMLMetaElement>('meta[name="carrel-base"]')?.content ?? "");

/** A path of this page, "/watch/…", as the host has it. */
export const outside = (path: string): string => base + path;

/** A path of the host as one of this page; null when it lies elsewhere. */
export function inside(path: string, below = base): string | null {
  if (below !== "" && path !== below && !path.startsWith(`${below}/`)) return null;
  return path.slice(below.length) || "/";
}
