import test from 'ava';
import { THEMES } from '../../src/charts/palette.ts';

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

for (const [name, theme] of Object.entries(THEMES)) {
  test(`the ${name} palette can be read`, (t) => {
    for (const text of [theme.ink, theme.muted]) {
      t.true(contrast(text, theme.paper) >= 4.5, text);
      t.true(contrast(text, theme.raised) >= 4.5, text);
    }
    for (const colour of theme.series) {
      t.true(contrast(colour, theme.paper) >= 3, colour);
      // Labels on a mark are in the colour of the paper.
      t.true(contrast(theme.paper, colour) >= 3, colour);
    }
    t.is(new Set(theme.series).size, theme.series.length);
  });
}
