/** The axis of drawings that have a named row for each of many things. */
import { COLOUR } from '../../../charts/palette.ts';
import { axis } from '../../../charts/svg.ts';

/** @param margin - of the drawing to the left of the rows, in which the names are */
export function rowAxis(names: readonly string[], margin: number) {
  return axis({
    type: 'category' as const,
    inverse: true,
    data: [...names],
    axisTick: { show: false },
    axisLabel: { color: COLOUR.muted, interval: 0, width: margin - 14, overflow: 'truncate' as const },
  });
}
