import { createHash, X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// run.mjs names the folder, and has Node trust what is in it: that can only be said before a process starts.
const folder = process.env.CARREL_TEST_AUTHORITY;

/** root, intermediate and leaf (for 127.0.0.1, with what leads to the root behind it), each with its key. */
export const paths = Object.fromEntries(
  ["root", "intermediate", "leaf"].map((name) => [name, { certificate: `${folder}/${name}.crt`, key: `${folder}/${name}.key` }]),
);

/** An authority for a day, which nothing but the tests trusts. */
export function makeAuthority(where) {
  mkdirSync(where, { recursive: true, mode: 0o700 });
  const make = (name, issuer, ...more) =>
    execFileSync("openssl", [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
      "-subj", `/CN=Carrel's tests, ${name}`, "-keyout", join(where, `${name}.key`), "-out", join(where, `${name}.crt`),
      ...(issuer ? ["-CA", join(where, `${issuer}.crt`), "-CAkey", join(where, `${issuer}.key`)] : []),
      ...more.flatMap((extension) => ["-addext", extension]),
    ], { stdio: ["ignore", "ignore", "pipe"] });
  const signs = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign"];
  make("root", null, ...signs);
  make("intermediate", "root", ...signs);
  make("leaf", "intermediate", "subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:false", "extendedKeyUsage=serverAuth");
  const leaf = join(where, "leaf.crt");
  writeFileSync(leaf, readFileSync(leaf, "utf8") + readFileSync(join(where, "intermediate.crt"), "utf8"));
  return { CARREL_TEST_AUTHORITY: where, NODE_EXTRA_CA_CERTS: join(where, "root.crt") };
}

/** Has Chromium take certificates that lead to our authority, by its key; any other fault of a certificate stays one. */
export function trustInChromium() {
  if (!folder) return [];
  const { publicKey } = new X509Certificate(readFileSync(paths.intermediate.certificate));
  const key = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("base64");
  return [`--ignore-certificate-errors-spki-list=${key}`];
}
