import type { FieldPath } from './field-path.ts';

/** Something wrong in a document: what, where, and what would work. */
export interface Fault {
  readonly path: FieldPath;
  readonly problem: string;
  readonly remedy?: string | undefined;
}
