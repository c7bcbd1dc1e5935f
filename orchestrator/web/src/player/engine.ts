import type { Problem } from "../api";
import type { Choice } from "./choices";

/** What an engine tells the player that holds it. */
export interface Listener {
  /** Data does not arrive; the engine goes on asking by itself. */
  renewing(): void;
  /** Data arrives again. */
  flowing(): void;
  /** The daemon answered 401. */
  sessionOver(): void;
  /** The engine gave up. `unsupported`: this way of playing cannot work here, another one may. */
  failed(problem: Problem, unsupported: boolean): void;
  /** What can be chosen is another, or another is chosen. */
  choicesChanged(): void;
  /** Every error, mended or not, for whoever watches `window.carrelPlayer`. */
  error(kind: string, detail: string, fatal: boolean): void;
}

/** Brings one film into a <video> until it is stopped. */
export interface Engine {
  readonly name: "hls.js" | "hls" | "original";
  choices(): Choice[];
  stop(): void;
}

/** True for answers that another try cannot change. */
export const isFinal = (status: number) => status >= 400 && status < 500 && status !== 408 && status !== 429;
