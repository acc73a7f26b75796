/** How many items a list for people names before it counts the rest. */
const NAMED = 3;

/** `a, b, c and 7 more`. */
export function listOf(items: readonly string[]): string {
  const rest = items.length - NAMED;
  return `${items.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** `1 node`, `2 nodes`. */
export function count(quantity: number, noun: string): string {
  return `${quantity} ${noun}${quantity === 1 ? '' : 's'}`;
}
