import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { launch, openPage } from "./lib/browser.mjs";
import { startDaemon, user } from "./lib/daemon.mjs";
import { until } from "./lib/wait.mjs";
import { makeClocks } from "./lib/clock.mjs";
const here = dirname(fileURLToPath(import.meta.url));
const scripts = {
  "/test/hls.js": join(here, "node_modules/hls.js/dist/hls.js"),
  "/test/shaka.js": join(here, "node_modules/shaka-player/dist/shaka-player.compiled.js"),
  "/test/page.js": join(here, "lib/clock-page.js"),
};
const html = `<!doctype html><video width="320" height="180"></video>${Object.keys(scripts).map((p) => `<script src="${p}"></script>`).join("")}`;
let daemon, browser;
before(async () => { daemon = await startDaemon({ folder: "clocks", make: makeClocks }); browser = await launch(); });
after(async () => { await browser?.close(); await daemon?.stop(); });
const playlists = { "hls.js": "master.m3u8", Shaka: "manifest.mpd" };
for (const title of (process.env.TITLES ?? "lecture,outro,silent end").split(","))
  for (const [engine, playlist] of Object.entries(playlists))
    test(`${title} ${engine}`, { timeout: 60000 }, async () => {
      const { page, close } = await openPage(browser, daemon.url);
      if (process.env.SAY) page.on("console", (m) => console.log(m.text()));
      page.on("request", (r) => { if (/m4s|mp4/.test(r.url())) console.log(new URL(r.url()).pathname.replace(/.*stream/, "")); });
      await page.route("**/test/**", async (route) => {
        const path = new URL(route.request().url()).pathname;
        if (path === "/test/") await route.fulfill({ contentType: "text/html", body: html });
        else await route.fulfill({ contentType: "text/javascript", body: await readFile(scripts[path], "utf8") });
      });
      await page.request.post("/api/v1/auth/login", { data: { username: user.name, password: user.password } });
      const video = await until(`${title} is ready`, 60, async () => {
        const { items } = await (await page.request.get("/api/v1/videos")).json();
        return items.find((item) => item.title.toLowerCase() === title && item.state === "ready");
      });
      await page.goto("/test/");
      await page.evaluate(([w, u]) => { void window.begin(w, u); }, [engine, `/stream/${video.id}/${playlist}`]);
      const look = () => page.evaluate(() => { const v = window.video; const r = (b) => [...Array(b.length).keys()].map((i) => [b.start(i), b.end(i)]); return JSON.stringify({ at: v.currentTime, rs: v.readyState, dur: v.duration, buf: r(v.buffered), ended: v.ended, paused: v.paused, seeking: v.seeking, e: window.watched.errors, s: window.watched.stalls }); });
      for (let i = 0; i < 3; i += 1) { await new Promise((r) => setTimeout(r, 5000)); console.log(title, engine, await look()); }
      await page.evaluate(() => { window.video.currentTime = window.video.duration - 5; });
      for (let i = 0; i < 2; i += 1) { await new Promise((r) => setTimeout(r, 4000)); console.log(title, engine, await look()); }
      await close();
    });
