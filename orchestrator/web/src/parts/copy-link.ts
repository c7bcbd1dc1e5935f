import * as api from "../api";
import { el } from "../dom";

const shownMs = 4000;

const asItPlays = (stream: api.Stream) => stream.stream_url ?? stream.original_url;

/** Copies the film's address with a token of its own, for players that have no cookie. */
export function copyLink(id: string, stream: api.Stream, label = "Copy link for VLC/mpv", urlOf = asItPlays): HTMLElement {
  const button = el("button", { type: "button", class: "button" }, label);
  const said = el("span", { class: "said", role: "status" });
  const field = el("input", { type: "text", readonly: true, hidden: true, class: "link", "aria-label": "Link to the film" });
  let current = stream;
  let clear: ReturnType<typeof setTimeout> | undefined;

  button.addEventListener("click", async () => {
    clearTimeout(clear);
    try {
      if (Date.parse(current.expires_at) <= Date.now()) current = await api.stream(id, AbortSignal.timeout(20_000));
    } catch {
      said.textContent = "The old link has expired and Carrel gave no new one. Reload the page.";
      return;
    }
    const link = new URL(urlOf(current), location.origin).href;
    if (await copy(link)) {
      said.textContent = `Copied. Works until ${new Date(current.expires_at).toLocaleString()}.`;
      clear = setTimeout(() => (said.textContent = ""), shownMs);
    } else {
      field.value = link;
      field.hidden = false;
      field.select();
      said.textContent = "The browser does not let this page copy; copy the link from the field.";
    }
  });
  return el("div", { class: "copy" }, button, said, field);
}

async function copy(text: string): Promise<boolean> {
  try {
    // Absent on plain HTTP from another machine.
    if (!navigator.clipboard) return false;
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
