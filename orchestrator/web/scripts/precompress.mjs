// Writes NAME.br and NAME.gz beside every compressible file of a build, so that the daemon never compresses.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const compressible = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt"]);
// Below one packet there is nothing to win.
const smallest = 1024;

const folder = process.argv[2];
if (!folder) {
  console.error("usage: precompress.mjs FOLDER");
  process.exit(2);
}

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !compressible.has(extname(entry.name))) continue;
  // Node before 20.12 has only `path` here.
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const plain = await readFile(file);
  if (plain.length < smallest) continue;
  const brotli = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  await writeFile(`${file}.br`, brotli);
  await writeFile(`${file}.gz`, gzipSync(plain, { level: 9 }));
}
