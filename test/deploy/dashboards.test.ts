/** What Grafana needs of a dashboard's JSON besides the types that its builder checks. */
import test from 'ava';
import { dashboardFiles } from '../../deploy/dashboards/files.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly datasource?: { readonly uid: string } }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

/** Grafana's grid. */
const COLUMNS = 24;

for (const [file, text] of dashboardFiles()) {
  const { panels, uid } = JSON.parse(text) as Dashboard;

  test(`${file}: panels fill the grid and do not overlap`, (t) => {
    const taken = new Set<string>();
    const lines = new Map<number, number>();
    for (const { title, gridPos } of panels) {
      t.true(gridPos.x + gridPos.w <= COLUMNS, title);
      lines.set(gridPos.y, (lines.get(gridPos.y) ?? 0) + gridPos.w);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          t.false(taken.has(`${x} ${y}`), `${title} covers another panel`);
          taken.add(`${x} ${y}`);
        }
      }
    }
    for (const [y, width] of lines) t.is(width, COLUMNS, `line ${y}`);
  });

  test(`${file}: panels say what they show, and ask the data source that is chosen`, (t) => {
    t.regex(uid, /^uniap-/);
    t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const { type, title, description = '', datasource, targets = [] } of panels) {
      t.not(title, '');
      if (type === 'row') continue;
      t.regex(description, /\.$/, title);
      t.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        t.is(source?.uid, '${datasource}', title);
      }
    }
  });
}
