/** Runs a few lines of Python on JSON, for what another library says of the same numbers. */
export async function python<T>(code: string, input: unknown): Promise<T> {
  const command = new Deno.Command("python3", {
    args: ["-c", `import sys, json\nx = json.load(sys.stdin)\n${code}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn(), writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as T;
}
