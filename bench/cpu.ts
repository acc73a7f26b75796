const MICRO = 1e-6;

/** CPU seconds of this process, all threads, since `started`: what a busy machine does not lengthen much. */
export function cpuSeconds(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) * MICRO;
}
