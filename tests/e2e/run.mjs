// Runs every *.test.mjs, one file after the other: each has a daemon and a browser of its own, and the machine is small. Then some
// tests again, those of `behind`, behind each of the proxies that compose/ ships.
// Named files run alone: node run.mjs watch.test.mjs, and with CARREL_TEST_PROXY=nginx (or caddy) behind that one.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { makeAuthority } from "./lib/authority.mjs";
import { install } from "./lib/install.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.env.CARREL_BUILD_DIR ?? join(folder, "../../build/release"));
const proxies = ["nginx", "caddy"];
/** Login and logout, the library, HLS and ranges with seeks, settings: files, and which of their tests. */
const behind = {
  "library.test.mjs": "wrong password|lists the films|logging out",
  "watch.test.mjs": '"Grey Minute" plays|the original file',
  "choices.test.mjs": "a choice of sound",
};
const environment = { ...process.env, ...makeAuthority(join(build, "tests/e2e/authority")) };

function run(file, options = [], more = {}) {
  const { status, error } = spawnSync(process.execPath, ["--test", ...options, file], {
    cwd: folder, stdio: "inherit", env: { ...environment, ...more },
  });
  if (error) throw error;
  return status === 0;
}

install();

const named = process.argv.slice(2);
const files = named.length > 0 ? named : readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).sort();
const failed = files.filter((file) => !run(file));
for (const proxy of named.length > 0 ? [] : proxies) {
  const began = Date.now();
  for (const [file, pattern] of Object.entries(behind)) {
    const passed = run(file, [`--test-name-pattern=${pattern}`], { CARREL_TEST_PROXY: proxy });
    if (!passed) failed.push(`${file} behind ${proxy}`);
  }
  console.log(`behind ${proxy}: ${Math.round((Date.now() - began) / 1000)} s`);
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
