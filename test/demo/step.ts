/** Says what is being done, does it, and says how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  console.log(`${what} …`);
  const begin = performance.now();
  const result = await work();
  console.log(`  done in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}
