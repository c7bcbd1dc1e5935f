import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { paths } from "./authority.mjs";
import { freePort } from "./ports.mjs";
import { until } from "./wait.mjs";

const shipped = resolve(dirname(fileURLToPath(import.meta.url)), "../../../compose/proxy");
const run = promisify(execFile);

/** Where carreld listens behind a proxy, which is not where the browser comes from (127.0.0.1), and what it hears the proxy speak from:
 *  any of this machine's addresses, for Docker rewrites those of its bridge. */
export async function addressesBehind() {
  const named = '{{index .Options "com.docker.network.bridge.name"}}';
  const bridge = (await run("docker", ["network", "inspect", "bridge", "--format", named])).stdout.trim();
  // Node's own list leaves out a bridge to which nothing is connected just now.
  const all = JSON.parse((await run("ip", ["-json", "-4", "address"])).stdout).filter(({ ifname }) => ifname !== "lo");
  const addressesOf = ({ addr_info }) => addr_info.map(({ local }) => local);
  return { address: addressesOf(all.find(({ ifname }) => ifname === bridge))[0], trusted: all.flatMap(addressesOf).join(",") };
}

function replaced(text, changes) {
  return changes.reduce((before, [old, now]) => {
    const after = before.replace(old, now);
    assert.notEqual(after, before, `${old} is not in it any more`);
    return after;
  }, text);
}

/** compose/proxy/nginx.conf, but for its places. */
async function nginx(folder, port, upstream) {
  const text = await readFile(join(shipped, "nginx.conf"), "utf8");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const config = replaced(text, [
    [/ {2}server \{\n {4}listen 80;[^]*?\n {2}\}\n/, ""],
    ["server carrel:8080;", `server ${upstream};`],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
    ["/etc/carrel/films.crt", paths.leaf.certificate],
    ["/etc/carrel/films.key", paths.leaf.key],
    ["http {\n", `http {\n  access_log off;\n  ${temporary.join("\n  ")}\n`],
  ]);
  const file = join(folder, "nginx.conf");
  await writeFile(file, `daemon off; pid ${folder}/pid; error_log stderr warn;\n${config}`);
  // Started by root it would give up its rights, and the folder is root's alone.
  const user = process.getuid() === 0 ? ["-g", "user root;"] : [];
  return { command: "/usr/sbin/nginx", args: ["-c", file, "-p", folder, ...user], env: process.env };
}

/** compose/proxy/Caddyfile as it is; what comes before it names the authority that signs in the tests. */
async function caddy(folder, port, upstream) {
  const signer = (name) => `${name} {\n cert ${paths[name].certificate}\n key ${paths[name].key}\n }\n`;
  const file = join(folder, "Caddyfile");
  await writeFile(file, [
    "{\n skip_install_trust\n admin off\n auto_https disable_redirects\n",
    ` pki {\n ca local {\n ${signer("root")} ${signer("intermediate")} }\n }\n}\n`,
    await readFile(join(shipped, "Caddyfile"), "utf8"),
  ].join(""));
  return {
    command: "caddy",
    args: ["run", "--config", file, "--adapter", "caddyfile"],
    env: {
      PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder,
      CARREL_HOST: `127.0.0.1:${port}`, CARREL_UPSTREAM: upstream,
    },
  };
}

const kinds = { nginx, caddy };

/** One of the proxies that compose/ ships, with TLS, in front of the address `upstream`. Another program may take its port first: once. */
export async function startProxy(kind, upstream, again = true) {
  const folder = await mkdtemp(join(tmpdir(), "carrel-e2e-proxy-"));
  const port = await freePort();
  const { command, args, env } = await kinds[kind](folder, port, upstream);
  const log = await open(join(folder, "log"), "a");
  const child = spawn(command, args, { env, stdio: ["ignore", log.fd, log.fd] });
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  const url = `https://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await ended;
    }
    await log.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(`${kind} is ready`, 30, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${kind} ended by itself`);
      return (await fetch(`${url}/readyz`).catch(() => null))?.ok;
    });
    return { url, stop };
  } catch (error) {
    const said = await readFile(join(folder, "log"), "utf8");
    await stop();
    if (again && /address already in use/i.test(said)) return startProxy(kind, upstream, false);
    throw new Error(`${error.message}. Its log:\n${said.slice(-4000)}`);
  }
}
