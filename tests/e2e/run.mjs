// Runs every *.test.mjs, one file after the other: each has a daemon and a browser of its own, and the machine is small.
// Named files run alone: node run.mjs watch.test.mjs
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));

function modified(name) {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (error) throw error;
  return status === 0;
}

// npm writes this file at the end of an installation.
if (modified("node_modules/.package-lock.json") < modified("package-lock.json")) {
  if (!run("npm", ["ci", "--no-audit", "--no-fund"])) process.exit(1);
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).sort();
const failed = files.filter((file) => !run(process.execPath, ["--test", file]));
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
