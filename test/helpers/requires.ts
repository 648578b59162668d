/**
 * What a bare clone may lack: the shared data folder, Python packages, server programs, the right to mount.
 *
 * @module
 */

const SHARED = new URL("../../../shared/data/", import.meta.url);

const PROBES: Record<string, () => boolean> = {
  shared: () => exists(SHARED),
  nats: () => onPath("nats-server"),
  python: () => onPath("python3"),
  chromium: () => onPath("chromium"),
  openssl: () => onPath("openssl"),
  tmpfs: () => canMount(),
};

/**
 * Whether a test can have what it needs; says by name what is skipped where it cannot.
 *
 * @param needs What the test needs: `shared`, `nats`, `python`, `chromium`, `openssl`, `tmpfs`, or `python:module`.
 * @param test Name of the test, for the message.
 * @throws {Error} If it is missing although the environment's TIDEMARK_REQUIRE (comma separated) names it.
 */
export function requires(needs: string, test: string): boolean {
  const there = needs.startsWith("python:") ? hasModule(needs.slice(7)) : PROBES[needs]!();
  if (there) return true;
  const required = (Deno.env.get("TIDEMARK_REQUIRE") ?? "").split(",");
  if (required.includes(needs)) {
    throw new Error(`TIDEMARK_REQUIRE names ${needs}, which "${test}" cannot find`);
  }
  // deno-lint-ignore no-console
  console.warn(`skipped: "${test}" needs ${needs}`);
  return false;
}

/** Absolute path of a file below ../shared/data. */
export function shared(path: string): string {
  return new URL(path, SHARED).pathname;
}

function exists(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function onPath(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((dir) => dir !== "" && exists(`${dir}/${program}`));
}

function canMount(): boolean {
  const folder = Deno.makeTempDirSync({ prefix: "tidemark-mount-" });
  const run = (program: string, ...args: string[]) =>
    onPath(program) &&
    new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  const mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  if (mounted) run("umount", folder);
  Deno.removeSync(folder);
  return mounted;
}

function hasModule(name: string): boolean {
  if (!onPath("python3")) return false;
  return new Deno.Command("python3", { args: ["-c", `import ${name}`], stdout: "null", stderr: "null" })
    .outputSync().success;
}
