import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { makeFilms } from "./films.mjs";
import { addressesBehind, startProxy } from "./proxy.mjs";
import { until } from "./wait.mjs";

const source = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const build = resolve(process.env.CARREL_BUILD_DIR ?? join(source, "build/release"));
const executable = join(build, "orchestrator/carreld");

export const user = { name: "reader", password: "a long enough passphrase" };

/** A carreld of its own: data, port, films and containers. `stop` ends it and takes everything away again. `make` makes the
 *  films in a folder, of that name, that is kept from one run to the next. `settings` go into the daemon's environment. With
 *  `proxy` ("nginx" or "caddy", see run.mjs) `url` is that of one in front of it, and `stop` holds against the log whose requests came. */
export async function startDaemon({ folder = "films", make = makeFilms, settings = {}, proxy = process.env.CARREL_TEST_PROXY } = {}) {
  const films = join(build, "tests/e2e", folder);
  await make(films);
  const data = await mkdtemp(join(tmpdir(), "carrel-e2e-"));
  const { address, trusted } = proxy ? await addressesBehind() : { address: "127.0.0.1" };
  const environment = {
    ...withoutCarrel(process.env),
    CARREL_DATA_DIR: join(data, "data"),
    CARREL_HTTP_LISTEN: `${address}:0`,
    CARREL_HTTP_WEB_DIR: join(source, "orchestrator/web/dist"),
    CARREL_LIBRARY_PATHS: films,
    CARREL_ADMIN_USER: user.name,
    CARREL_ADMIN_PASSWORD: user.password,
    ...(proxy ? { CARREL_HTTP_TRUSTED_PROXIES: trusted } : {}),
    ...settings,
  };
  const log = await open(join(data, "carreld.log"), "a");
  const child = spawn(executable, [], { env: environment, cwd: data, stdio: ["ignore", log.fd, log.fd] });
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  let front;
  const daemon = {
    url: undefined,
    log: () => readFile(join(data, "carreld.log"), "utf8"),
    async stop() {
      await front?.stop();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await ended;
      }
      await log.close();
      await removeSandboxes(environment, data);
      const said = await daemon.log();
      await rm(data, { recursive: true, force: true });
      if (front) assertClients(said);
    },
  };
  try {
    const listen = await until("carreld is ready", 60, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error("carreld ended by itself");
      const [, at] = /"event":"daemon\.ready","listen":"([^"]+)"/.exec(await daemon.log()) ?? [];
      return at && (await fetch(`http://${at}/readyz`).catch(() => null))?.ok && at;
    });
    daemon.url = `http://${listen}`;
    if (proxy) {
      front = await startProxy(proxy, listen);
      daemon.url = front.url;
    }
    return daemon;
  } catch (error) {
    const said = await daemon.log();
    await daemon.stop();
    throw new Error(`${error.message}. Its log:\n${said.slice(-4000)}`);
  }
}

async function removeSandboxes(environment, folder) {
  const child = spawn(executable, ["--remove-sandboxes"], { env: environment, cwd: folder, stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`carreld --remove-sandboxes ended with ${code}`);
}

/** What the tests need is set above; the engine and the image may be another one. */
function withoutCarrel(environment) {
  const kept = /^CARREL_(ENGINE_|SANDBOX_IMAGE$|CONVERTER_IMAGE$)/;
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("CARREL_") || kept.test(name)),
  );
}

/** Behind a proxy: everybody who asked is the browser, and not the proxy, whose address is another. */
function assertClients(log) {
  const asked = log.split("\n").filter((line) => line.includes('"http.request"')).map((line) => JSON.parse(line));
  const peers = asked.filter(({ path }) => path !== "/readyz").map(({ peer }) => peer);
  assert.deepEqual([...new Set(peers)], ["127.0.0.1"]);
}
