import { inside, outside } from "./base";

/** Shows itself in `outlet` and lets go of everything (timers, listeners, players) when `signal` aborts. */
export type View = (outlet: HTMLElement, parameter: string, signal: AbortSignal) => void;

interface Route {
  pattern: RegExp;
  view: View;
}

let routes: Route[] = [];
let outlet: HTMLElement | null = null;
let shown = new AbortController();

/** The first route whose pattern matches the path is shown; its first group is the view's parameter. */
export function startRouter(element: HTMLElement, table: Route[]): void {
  outlet = element;
  routes = table;
  window.addEventListener("popstate", show);
  document.addEventListener("click", followInside);
  show();
}

/** Goes to a path of this page, as it is without the base path. `replace` keeps it out of the history, for redirects. */
export function navigate(path: string, replace = false): void {
  if (replace) history.replaceState(null, "", outside(path));
  else history.pushState(null, "", outside(path));
  show();
  window.scrollTo(0, 0);
}

/** The path as given when a view answers to it, else "/": what stands in ?next= must not lead out of the page. */
export function ownPath(path: string | null): string {
  if (path === null || !path.startsWith("/") || path.startsWith("//")) return "/";
  const target = new URL(path, location.origin);
  return target.origin === location.origin && routes.some((route) => route.pattern.test(target.pathname))
    ? target.pathname + target.search
    : "/";
}

function show(): void {
  if (outlet === null) return;
  shown.abort();
  shown = new AbortController();
  for (const route of routes) {
    const match = route.pattern.exec(inside(location.pathname) ?? "");
    if (match) {
      outlet.replaceChildren();
      route.view(outlet, match[1] ?? "", shown.signal);
      return;
    }
  }
  navigate("/", true);
}

function followInside(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = event.target instanceof Element ? event.target.closest("a") : null;
  if (!anchor || anchor.target || anchor.hasAttribute("download") || anchor.origin !== location.origin) return;
  const path = inside(anchor.pathname);
  if (path === null || !routes.some((route) => route.pattern.test(path))) return;
  event.preventDefault();
  navigate(path + anchor.search);
}
