import type { Problem } from "./types";

const timeoutMs = 20_000;

/** A request that got an error for an answer, or none at all (status 0). The text is fit to be shown. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** Seconds to wait before asking again, when the daemon said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail ? `${problem.title}: ${problem.detail}` : problem.title);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Asks the daemon and returns the parsed answer, undefined for an answer without a body. Throws ApiError, or the
 *  AbortError of `signal`. */
export async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, body, false, signal);
  return answerOf<T>(response, path, signal);
}

/** As request(), but the answer is waited for even when the page is gone. */
export async function lastRequest(method: string, path: string, body: unknown): Promise<void> {
  await answerOf<unknown>(await send(method, path, body, true), path);
}

async function answerOf<T>(response: Response, path: string, signal?: AbortSignal): Promise<T> {
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ApiError({
      title: "The answer could not be read",
      status: response.status,
      detail: `${path} did not answer with JSON. Reload the page; if it stays, look into the daemon's log.`,
    });
  }
}

async function send(method: string, path: string, body: unknown, keepalive: boolean, signal?: AbortSignal): Promise<Response> {
  signal?.throwIfAborted();
  const control = new AbortController();
  const abort = () => control.abort(signal?.reason);
  const timer = setTimeout(() => control.abort(), timeoutMs);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      keepalive,
      signal: control.signal,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ApiError({
      title: "Carrel does not answer",
      status: 0,
      detail: `No answer from ${location.host}. Check the network, and that carreld is running; then try again.`,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** The error that a response stands for, whether or not it carries a problem document. */
export async function errorOf(response: Response): Promise<ApiError> {
  let problem: Problem = {
    title: response.statusText || `Error ${response.status}`,
    status: response.status,
    detail: "",
  };
  if (/^application\/(problem\+)?json\b/.test(response.headers.get("Content-Type") ?? "")) {
    try {
      const read = (await response.json()) as Partial<Problem> | null;
      problem = {
        title: typeof read?.title === "string" && read.title ? read.title : problem.title,
        status: response.status,
        detail: typeof read?.detail === "string" ? read.detail : "",
      };
    } catch {
      // A body that broke off says no more than the status did.
    }
  }
  return new ApiError(problem, parseRetryAfter(response.headers.get("Retry-After")));
}

/** Seconds of a Retry-After header (RFC 9110, 10.2.3), at most an hour; null when there is none. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | null {
  if (value === null || value.trim() === "") return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  if (!Number.isFinite(seconds)) return null;
  return Math.min(Math.max(seconds, 0), 3600);
}
