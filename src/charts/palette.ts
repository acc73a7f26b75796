/**
 * The colours of charts and pages, light and dark. Charts name them as CSS variables, so that one drawing serves both. Series
 * stand out from the paper by 3 : 1 and text by 4.5 : 1 (WCAG 2.2, 1.4.11 and 1.4.3; test/charts/palette.test.ts).
 */

interface Colours {
  readonly paper: string;
  /** Of boxes on the paper. */
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  /** Of axes and borders. */
  readonly line: string;
  readonly series: readonly string[];
}

const LIGHT: Colours = {
  paper: '#ffffff',
  raised: '#f5f7f9',
  ink: '#1c2128',
  muted: '#57606a',
  line: '#d0d7de',
  series: ['#2a6fc9', '#c2590a', '#0e8174', '#8250c4', '#bf3566', '#7d7200', '#8a6242', '#6a7480'],
};

const DARK: Colours = {
  paper: '#0f141a',
  raised: '#1a212a',
  ink: '#e6edf3',
  muted: '#9aa7b4',
  line: '#384350',
  series: ['#6aa9f7', '#ee9a4d', '#45bfae', '#b996ee', '#ee7fa8', '#c7bb45', '#c8a27e', '#93a0ad'],
};

export const THEMES = { light: LIGHT, dark: DARK } as const;

/** Colours of a chart, each a reference to a variable of {@link paletteCss}. */
export const COLOUR = {
  paper: 'var(--paper)',
  raised: 'var(--raised)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
} as const;

/** Colour of the n-th series, from 0; after the last they come again. */
export function seriesColour(index: number): string {
  return `var(--series-${index % LIGHT.series.length})`;
}

/** Sets the variables, by what the reader's system prefers; on paper always light. */
export function paletteCss(selector = ':root'): string {
  return [
    `${selector}{color-scheme:light dark;${variables(LIGHT)}}`,
    `@media screen and (prefers-color-scheme:dark){${selector}{${variables(DARK)}}}`,
  ].join('\n');
}

function variables({ series, ...named }: Colours): string {
  const entries = [...Object.entries(named), ...series.map((colour, index) => [`series-${index}`, colour] as const)];
  return entries.map(([name, colour]) => `--${name}:${colour}`).join(';');
}
