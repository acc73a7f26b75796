/** Panels in the one style of all dashboards. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source is chosen at the top of the dashboard. */
const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
const HEIGHT = 8;
/** Of the 24 columns of Grafana's grid. */
const HALF = 12;

/** A query and the name of its series, which may hold labels: `{{job}}`. */
export type Query = readonly [expression: string, legend: string];

export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** Of `@grafana/grafana-foundation-sdk/units`. */
  readonly unit: string;
}

/** Lines over time, half of the width. */
export function lines({ title, description, unit }: PanelText, ...queries: readonly Query[]): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .targets(queries.map(over))
    .height(HEIGHT)
    .span(HALF)
    .min(0)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
}

/** Areas that add up to a whole. */
export function stacked(text: PanelText, ...queries: readonly Query[]): timeseries.PanelBuilder {
  return lines(text, ...queries)
    .fillOpacity(40)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** One number now, or the text of a label where the legend is shown instead. */
export function figure({ title, description, unit }: PanelText, [expression, legend]: Query): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .targets([now(expression).legendFormat(legend)])
    .height(HEIGHT / 2)
    .span(4)
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.None)
    .textMode(legend === '' ? common.BigValueTextMode.Value : common.BigValueTextMode.ValueAndName);
}

/** A column of a table, and how it is shown. */
export interface Column {
  readonly name: string;
  readonly expression: string;
  readonly unit: string;
}

/** A row for each namespace and job, the whole width. */
export function jobTable(title: string, description: string, columns: readonly Column[]): table.PanelBuilder {
  const builder = new table.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .height(HEIGHT)
    .span(2 * HALF)
    .targets(columns.map(({ name, expression }) => now(expression).format(PromQueryFormat.Table).refId(name)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true } } });
  for (const { name, unit } of columns) {
    builder.overrideByName(`Value #${name}`, [
      { id: 'displayName', value: name },
      { id: 'unit', value: unit },
    ]);
  }
  return builder;
}

function over([expression, legend]: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATA_SOURCE)
    .expr(expression)
    .legendFormat(legend)
    .range();
}

function now(expression: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').datasource(DATA_SOURCE).expr(expression).instant();
}

/** A variable of a dashboard. */
interface Choice {
  readonly name: string;
  /** `label_values(SERIES, LABEL)` */
  readonly values: string;
  /** Whether several may be chosen, or all. */
  readonly all: boolean;
}

interface Layout {
  /** By which links find it; does not change. */
  readonly uid: string;
  readonly title: string;
  /** At the top, after the data source. */
  readonly choices: readonly Choice[];
  /** Panels of a row fill lines of 24 columns. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly Builder<dashboard.Panel>[] }[];
}

/* eslint-disable @typescript-eslint/no-deprecated -- the newer form of dashboards is read by Grafana 12 and later alone */

/** A dashboard in Grafana's classic form. */
export function dashboardOf({ uid, title, choices, rows }: Layout): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags(['uniap'])
    .editable()
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('data source').type('prometheus'))
    .link(new dashboard.DashboardLinkBuilder('UniAP').type(dashboard.DashboardLinkType.Dashboards).tags(['uniap']));
  for (const choice of choices) builder.withVariable(variable(choice));
  for (const { title: name, panels } of rows) {
    builder.withRow(new dashboard.RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  const { panels, ...others } = builder.build();
  // Links to a panel name its number.
  return { ...others, panels: panels?.map((panel, index) => ({ ...panel, id: index + 1 })) ?? [] };
}

function variable({ name, values, all }: Choice): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(name)
    .datasource(DATA_SOURCE)
    .query(values)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(all)
    .includeAll(all);
}
