/** A worker whose plan the checker rejects. */
export default function solve(): { readonly internalError: string } {
  return { internalError: 'internal error: the checker rejects a plan' };
}
