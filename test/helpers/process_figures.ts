/**
 * What Linux says of a running process, for benches.
 *
 * @module
 */

/** Clock ticks of a second in /proc. */
const TICKS = 100;

/** Peak resident memory and processor time so far, children apart. */
export function processFigures(pid: number): { peakMb: number; cpuSeconds: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`),
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // After the program's name, which may hold anything: utime and stime are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
  };
}
