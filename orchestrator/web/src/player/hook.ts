/** What `window.carrelPlayer` shows of the film that is playing: for support, and for tests in a browser. */
export interface PlayerHook {
  engine: string;
  video: HTMLVideoElement;
  /** The last errors, oldest first; `fatal` ones needed a new start. */
  errors: { kind: string; detail: string; fatal: boolean }[];
  /** How often playing failed for good. */
  failures: number;
}

declare global {
  interface Window {
    carrelPlayer?: PlayerHook;
  }
}

const keptErrors = 50;

export function recordError(hook: PlayerHook, kind: string, detail: string, fatal: boolean): void {
  hook.errors.push({ kind, detail, fatal });
  if (hook.errors.length > keptErrors) hook.errors.shift();
}
