// Runs every *.test.mjs, one file after the other: each has a daemon and a browser of its own, and the machine is small.
// Named files run alone: node run.mjs watch.test.mjs
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { install } from "./lib/install.mjs";

const folder = dirname(fileURLToPath(import.meta.url));

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (error) throw error;
  return status === 0;
}

install();

const named = process.argv.slice(2);
const files = named.length > 0 ? named : readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).sort();
const failed = files.filter((file) => !run(process.execPath, ["--test", file]));
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
