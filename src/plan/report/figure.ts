/** How a section shows a drawing: with its title, what it says in words for those who cannot see it, and its figures as a table. */
import { type Chart, svgOf } from '../../charts/svg.ts';
import { html, type Html, trusted } from './html.ts';

/** Of every chart; the page scales it to its own. */
export const CHART_WIDTH = 1040;

export interface Section {
  /** In the page's address. */
  readonly id: string;
  readonly title: string;
  readonly body: readonly Html[];
}

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
}

export interface Figure {
  readonly chart: Chart;
  /** The drawing in words: what a reader would see. */
  readonly description: string;
  readonly caption?: string;
  readonly legend?: readonly LegendEntry[];
}

export function figure({ chart, description, caption, legend = [] }: Figure): Html {
  return html`<figure>
    ${legend.length === 0 ? null : legendOf(legend)}
    <div class="drawing" role="img" aria-label="${description}" tabindex="0">${trusted(svgOf(chart))}</div>
    ${caption === undefined ? null : html`<figcaption>${caption}</figcaption>`}
  </figure>`;
}

/** Small drawings of their own, since a style attribute is what the page forbids. */
function legendOf(entries: readonly LegendEntry[]): Html {
  const items = entries.map(
    ({ name, colour }) =>
      html`<li>
        <svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${colour}"></rect></svg
        >${name}
      </li>`,
  );
  return html`<ul class="legend">
    ${items}
  </ul> `;
}

export interface Table {
  /** What the table holds. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers, from 0. */
  readonly numeric?: readonly number[];
}

/** Longer tables are folded up. */
const OPEN_ROWS = 12;

/** The first column names the row. */
export function table({ caption, head, rows, numeric = [] }: Table): Html {
  const classOf = (column: number): Html | null => (numeric.includes(column) ? html` class="number"` : null);
  const cells = rows.map(
    ([name = '', ...others]) =>
      html`<tr>
        <th scope="row">${name}</th>
        ${others.map((cell, index) => html`<td${classOf(index + 1)}>${cell}</td>`)}
      </tr> `,
  );
  const heads = head.map((name, column) => html`<th scope="col" ${classOf(column)}>${name}</th>`);
  return html`<details${rows.length > OPEN_ROWS ? null : html` open`}><summary>${caption}</summary><div class="scroll" tabindex="0"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${cells}</tbody></table></div></details>
`;
}
