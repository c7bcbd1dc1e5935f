import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Ids of the running containers that serve the user with this id; the id is unlike that of any other instance. */
export async function containersOf(userId) {
  const { stdout } = await run("docker", [
    "ps", "--quiet", "--no-trunc", "--filter", `label=carrel.user=${userId}`, "--filter", "label=carrel.role=streamer",
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** One that the daemon removes just now goes as well. */
export async function kill(id) {
  await run("docker", ["rm", "--force", id]).catch((error) => {
    if (!/removal of container \S+ is already in progress/.test(error.stderr)) throw error;
  });
}
