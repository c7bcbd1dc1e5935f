import { inside } from "./base";
import * as api from "./api";
import { navigate } from "./router";

let user: api.User | null = null;

/** The user of this browser session; leads to the login page and returns null when there is none. Throws ApiError
 *  when the daemon cannot be asked. */
export async function requireUser(signal: AbortSignal): Promise<api.User | null> {
  if (user !== null) return user;
  try {
    user = await api.me(signal);
    return user;
  } catch (error) {
    if (endsSession(error)) return null;
    throw error;
  }
}

/** True when `error` says that the session is over; the login page is then already on its way. */
export function endsSession(error: unknown): boolean {
  if (!(error instanceof api.ApiError) || error.status !== 401) return false;
  user = null;
  const here = (inside(location.pathname) ?? "/") + location.search;
  navigate(here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`, true);
  return true;
}

export async function logIn(username: string, password: string): Promise<void> {
  user = await api.login(username, password);
}

/** Dispatched at the document before the session ends: the last moment at which something can be told. */
export const sessionEnds = "carrel-session-ends";

/** Ends the session and with it the user's booth. Throws ApiError when the daemon did not confirm it. */
export async function logOut(): Promise<void> {
  document.dispatchEvent(new Event(sessionEnds));
  try {
    await api.logout();
  } catch (error) {
    // A session that is over already is what was asked for.
    if (!(error instanceof api.ApiError) || error.status !== 401) throw error;
  }
  user = null;
  navigate("/login");
}
