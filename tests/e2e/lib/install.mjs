import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..");

function modified(name) {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What package-lock.json lists, where it is not there yet. npm writes the hidden file at the end of an installation. */
export function install() {
  if (modified("node_modules/.package-lock.json") >= modified("package-lock.json")) return;
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(1);
}
