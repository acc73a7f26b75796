/** HTML of which every value is escaped, unless it is HTML itself. */
import { escapeMarkup } from '../../charts/escape.ts';

/** Markup that may stand in a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Value = Html | string | number | null | readonly (Html | string)[];

/** `html\`<b>${name}</b>\``: values are text; a list is its items one after another, null is nothing. */
export function html({ raw }: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    raw.map((text, index) => text + (index < values.length ? markupOf(values[index] ?? null) : '')).join(''),
  );
}

/** Markup that our own code made, a chart. Never text of a user's. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Html) return value.markup;
  return typeof value === 'object' ? value.map(markupOf).join('') : escapeMarkup(String(value));
}
