/** A function that works out each value once, by what `keyOf` makes of its argument. */
export function memoized<Argument, Value>(
  keyOf: (argument: Argument) => unknown,
  work: (argument: Argument) => Value,
): (argument: Argument) => Value {
  const known = new Map<unknown, Value>();
  return (argument) => {
    const key = keyOf(argument);
    const value = known.get(key);
    if (value !== undefined || known.has(key)) {
      return value as Value; // undefined only where the value is
    }
    const worked = work(argument);
    known.set(key, worked);
    return worked;
  };
}
