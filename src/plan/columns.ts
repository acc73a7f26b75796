import Table from 'cli-table3';

/** Text in columns without borders or colour, as kubectl prints it; what is wider than its column is wrapped. */
export function columns(rows: readonly string[][], colWidths: number[]): string {
  const noBorder = Object.fromEntries(
    ['', 'top-', 'bottom-'].flatMap((row) => ['left', 'mid', 'right'].map((corner) => [`${row}${corner}`, ''])),
  );
  const table = new Table({
    colWidths,
    wordWrap: true,
    chars: { ...noBorder, top: '', bottom: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '', middle: '' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows);
  return table.toString().replaceAll(/ +$/gm, '');
}
