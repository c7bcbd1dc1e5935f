/** What the daemon tells of the viewer's own sandbox; see docs/api.md, Events. */
export interface BoothEvent {
  state?: string;
  reason?: string;
  seconds?: number;
  position?: number;
}

const troubles: Record<string, string> = {
  oom: "Your booth ran out of memory and is being replaced.",
  exit: "Your booth broke down and is being replaced.",
  signal: "Your booth broke down and is being replaced.",
  unresponsive: "Your booth stopped answering and is being replaced.",
  engine_lost: "Your booth was lost and is being replaced.",
  create_failed: "Your booth could not be started; Carrel tries again.",
};

const ends: Record<string, string> = {
  idle: "Your booth was stopped because nobody watched. Play on, and a new one comes.",
  admin: "An administrator ended your booth; it is being replaced.",
};

/** In plain words; null when it is nothing to a viewer. `replacing`: something was said that is now mended. */
export function boothWords(type: string, event: BoothEvent, replacing: boolean): string | null {
  if (type === "sandbox.waiting") return `You are number ${event.position ?? "?"} in the line for a booth.`;
  if (type === "sandbox.warning") {
    const seconds = event.seconds ?? 0;
    return event.reason === "admin"
      ? `An administrator ends your booth in ${seconds} s; a new one takes over.`
      : `Your booth will be stopped in ${seconds} s because nobody watches.`;
  }
  if (type !== "sandbox.state") return null;
  const reason = event.reason ?? "";
  if (event.state === "failed") return troubles[reason] ?? "Your booth broke down and is being replaced.";
  if (event.state === "stopping") return ends[reason] ?? null;
  if (event.state === "paused") return "Your booth sleeps because nobody watches. It wakes up when you play on.";
  if (event.state === "assigned" && replacing) return "Your booth is ready.";
  return null;
}
