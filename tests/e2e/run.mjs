// Runs every *.test.mjs, one file after the other: each has a daemon and a browser of its own, and the machine is small. Then some
// tests again, those of `behind`, behind each of the proxies that compose/ ships.
// Named files run alone: node run.mjs watch.test.mjs, and with CARREL_TEST_PROXY=nginx (or caddy) behind that one.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { makeAuthority } from "./lib/authority.mjs";
import { install } from "./lib/install.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.env.CARREL_BUILD_DIR ?? join(folder, "../../build/release"));
const proxies = ["nginx", "caddy"];
/** Login and logout, the library, HLS and ranges with seeks, settings: files, which of their tests, and how many these are. */
const behind = {
  "library.test.mjs": ["wrong password|lists the films|logging out", 3],
  "watch.test.mjs": ['"Grey Minute" plays|the original file', 3],
  "choices.test.mjs": ["a choice of sound", 1],
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
  for (const [file, [pattern, count]] of Object.entries(behind)) {
    const tap = join(build, "tests/e2e/behind.tap");
    const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${tap}`];
    const passed = run(file, [`--test-name-pattern=${pattern}`, ...reporters], { CARREL_TEST_PROXY: proxy });
    const ran = readFileSync(tap, "utf8").split("\n").filter((line) => /^ *ok .*(?<!\.test\.mjs)$/.test(line) && !line.includes("# SKIP")).length;
    if (!passed || ran !== count) failed.push(`${file} behind ${proxy} (${ran} of ${count} passed)`);
  }
  console.log(`behind ${proxy}: ${Math.round((Date.now() - began) / 1000)} s`);
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
