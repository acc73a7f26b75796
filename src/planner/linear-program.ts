/**
 * A mixed-integer linear program as it is written down, and as the sparse arrays that a solver reads.
 *
 *     minimise cost·x  subject to  rowLower ≤ A x ≤ rowUpper,  lower ≤ x ≤ upper,  x_j whole where integer_j
 */

/** Coefficients by column (compressed sparse columns). Plain typed arrays, so that a worker can take them over. */
export interface SparseProgram {
  readonly columns: number;
  readonly rows: number;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** 1 where the variable is whole, 0 where it is continuous. */
  readonly integer: Int32Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Length columns + 1. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** A variable, by its index. */
export type Column = number;

/** A linear expression: pairs of coefficient and variable. */
export type Terms = readonly (readonly [number, Column])[];

export interface ColumnOptions {
  readonly cost?: number;
  /** 0 unless said otherwise. */
  readonly lower?: number;
  /** Infinity unless said otherwise. */
  readonly upper?: number;
  readonly integer?: boolean;
}

/** Collects variables and constraints under full names, in the order in which they are added. */
export class LinearProgram {
  readonly columnNames: string[] = [];
  readonly rowNames: string[] = [];
  readonly #columns: Required<ColumnOptions>[] = [];
  readonly #rows: { readonly lower: number; readonly upper: number; readonly terms: Terms }[] = [];

  column(name: string, { cost = 0, lower = 0, upper = Infinity, integer = false }: ColumnOptions = {}): Column {
    this.columnNames.push(name);
    return this.#columns.push({ cost, lower, upper, integer }) - 1;
  }

  /** A variable that is 0 or 1. */
  binary(name: string): Column {
    return this.column(name, { upper: 1, integer: true });
  }

  /** `terms` = `value`. */
  equal(name: string, terms: Terms, value: number): void {
    this.#row(name, terms, { lower: value, upper: value });
  }

  /** `terms` ≤ `value`. */
  atMost(name: string, terms: Terms, value: number): void {
    this.#row(name, terms, { lower: -Infinity, upper: value });
  }

  #row(name: string, terms: Terms, bounds: { readonly lower: number; readonly upper: number }): void {
    this.rowNames.push(name);
    this.#rows.push({ ...bounds, terms: merged(terms) });
  }

  /** The program as compressed sparse columns. */
  toSparse(): SparseProgram {
    const entries: [row: number, value: number][][] = this.#columns.map(() => []);
    for (const [row, { terms }] of this.#rows.entries()) {
      for (const [value, column] of terms) {
        entries[column]?.push([row, value]);
      }
    }
    const flat = entries.flat();
    const starts = new Int32Array(entries.length + 1);
    entries.forEach((column, index) => (starts[index + 1] = (starts[index] ?? 0) + column.length));
    return {
      columns: this.#columns.length,
      rows: this.#rows.length,
      cost: Float64Array.from(this.#columns, ({ cost }) => cost),
      lower: Float64Array.from(this.#columns, ({ lower }) => lower),
      upper: Float64Array.from(this.#columns, ({ upper }) => upper),
      integer: Int32Array.from(this.#columns, ({ integer }) => Number(integer)),
      rowLower: Float64Array.from(this.#rows, ({ lower }) => lower),
      rowUpper: Float64Array.from(this.#rows, ({ upper }) => upper),
      starts,
      indices: Int32Array.from(flat, ([row]) => row),
      values: Float64Array.from(flat, ([, value]) => value),
    };
  }

  /** The program for a reader, one constraint a line: `memory[0]: 0.5 assign[0,0,1] + … ≤ 100`. */
  toString(): string {
    const write = (terms: Terms): string =>
      terms.map(([value, column]) => `${value} ${this.columnNames[column]}`).join(' + ');
    const objective = this.#columns.flatMap(({ cost }, column) => (cost === 0 ? [] : [[cost, column] as const]));
    const rows = this.#rows.map(({ lower, upper, terms }, row) => {
      return `${this.rowNames[row]}: ${write(terms)} ${lower === upper ? '=' : '≤'} ${upper}`;
    });
    return [`minimise ${write(objective)}`, ...rows].join('\n');
  }
}

/** One term a variable, none with a zero coefficient. */
function merged(terms: Terms): Terms {
  const coefficients = new Map<Column, number>();
  for (const [value, column] of terms) {
    coefficients.set(column, (coefficients.get(column) ?? 0) + value);
  }
  return [...coefficients].filter(([, value]) => value !== 0).map(([column, value]) => [value, column] as const);
}
