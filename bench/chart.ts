/**
 * Line charts as SVG, made of text: axes that are linear, logarithmic or of percentiles, a few
 * lines, their names beside them. The same figures always give the same file.
 */
import { assert, present } from "../actors/assert.ts";

export interface Series {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** `percentile`: from 0 to below 1, stretched so that 90, 99 and 99.9 % stand equally far apart. */
export type AxisScale = "linear" | "log" | "percentile";

export interface Axis {
  readonly label: string;
  readonly scale: AxisScale;
}

export interface Chart {
  readonly title: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 72;
const RIGHT = 190;
const TOP = 48;
const BOTTOM = 56;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const NAME_HEIGHT = 15;
/** Told apart by people of every colour vision (Okabe and Ito 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const INK = "#222222";
const GRID = "#dddddd";

export function svgOf({ title, description, x, y, series }: Chart): string {
  assert(series.length <= COLOURS.length, "a colour for each line");
  const shown = series.map((one) => ({ ...one, points: one.points.filter(isShown(x, y)) }));
  const all = shown.flatMap(({ points }) => points);
  assert(all.length > 0, "a chart shows something");
  const across = placing(
    x.scale,
    all.map(([at]) => at),
    LEFT,
    LEFT + PLOT_WIDTH,
  );
  const up = placing(y.scale, [...baseOf(y), ...all.map(([, at]) => at)], TOP + PLOT_HEIGHT, TOP);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 24, title, 'font-size="15" font-weight="600"'),
    ...across.ticks.map((tick) => verticalAt(across.place(tick), labelOf(tick, x.scale))),
    ...up.ticks.map((tick) => horizontalAt(up.place(tick), labelOf(tick, y.scale))),
    text(LEFT + PLOT_WIDTH / 2, HEIGHT - 14, x.label, 'text-anchor="middle"'),
    text(LEFT, TOP - 8, y.label),
    ...linesOf(shown, across.place, up.place),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** What has no place on a logarithmic axis is left out. */
function isShown(x: Axis, y: Axis): (point: readonly [number, number]) => boolean {
  const fits = (value: number, { scale }: Axis): boolean => {
    if (scale === "percentile") return value >= 0 && value < 1;
    return Number.isFinite(value) && (scale === "linear" || value > 0);
  };
  return ([across, up]) => fits(across, x) && fits(up, y);
}

/** Amounts begin at nothing; a logarithm of nothing there is not. */
function baseOf({ scale }: Axis): readonly number[] {
  return scale === "linear" ? [0] : [];
}

interface Placing {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

function placing(scale: AxisScale, values: readonly number[], from: number, to: number): Placing {
  const ticks = ticksOf(scale, Math.min(...values), Math.max(...values));
  const ends = [...ticks, ...values].map((value) => stretched(value, scale));
  const low = Math.min(...ends);
  const span = Math.max(...ends) - low || 1;
  return {
    place: (value) => rounded(from + ((stretched(value, scale) - low) / span) * (to - from)),
    ticks,
  };
}

function stretched(value: number, scale: AxisScale): number {
  if (scale === "linear") return value;
  return scale === "log" ? Math.log10(value) : -Math.log10(1 - value);
}

function ticksOf(scale: AxisScale, low: number, high: number): readonly number[] {
  if (scale === "linear") return evenTicks(low, high);
  if (scale === "log") return decades(low, high);
  const ticks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
  return ticks.filter((tick) => tick <= high);
}

const STEPS = [1, 2, 5, 10] as const;
const TICKS_MAX = 6;

/** Steps of 1, 2 or 5 times a power of ten, at most six of them. */
function evenTicks(low: number, high: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10((high - low || 1) / TICKS_MAX));
  const factor = STEPS.find((step) => (high - low) / (step * power) <= TICKS_MAX) ?? 10;
  const step = factor * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  // Multiples, not sums: sums drift.
  return Array.from({ length: last - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

/** Powers of ten that enclose the values; where they are close, 2 and 5 times them as well. */
function decades(low: number, high: number): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(Math.ceil(Math.log10(high)), first + 1);
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = first; power < last; power++) {
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  return [...ticks, Number((10 ** last).toPrecision(12))];
}

function labelOf(value: number, scale: AxisScale): string {
  if (scale === "percentile") return `${Number((value * 100).toPrecision(7))} %`;
  const size = Math.abs(value);
  if (size >= 1e6) return `${value / 1e6} M`;
  return size >= 1e4 ? `${value / 1e3} k` : String(value);
}

function verticalAt(x: number, label: string): string {
  const bottom = TOP + PLOT_HEIGHT;
  return (
    `<line x1="${x}" y1="${TOP}" x2="${x}" y2="${bottom}" stroke="${GRID}"/>` +
    text(x, bottom + 18, label, 'text-anchor="middle"')
  );
}

function horizontalAt(y: number, label: string): string {
  return (
    `<line x1="${LEFT}" y1="${y}" x2="${LEFT + PLOT_WIDTH}" y2="${y}" stroke="${GRID}"/>` +
    text(LEFT - 8, y + 4, label, 'text-anchor="end"')
  );
}

type Place = (value: number) => number;

/** Lines, a dot at every point that was measured, and names that do not cover one another. */
function linesOf(series: readonly Series[], across: Place, up: Place): readonly string[] {
  const drawn = series.flatMap(({ name, points }, at) => {
    const colour = present(COLOURS[at], "a colour for each line");
    const places = points.map(([x, y]) => [across(x), up(y)] as const);
    const last = places.at(-1);
    return last === undefined ? [] : [{ name, colour, places, nameY: last[1] }];
  });
  let lowest = Number.NEGATIVE_INFINITY;
  for (const one of drawn.toSorted((a, b) => a.nameY - b.nameY)) {
    one.nameY = Math.max(one.nameY, lowest + NAME_HEIGHT);
    lowest = one.nameY;
  }
  return drawn.map(({ name, colour, places, nameY }) => {
    const path = places.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x} ${y}`).join("");
    const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="2.5"/>`).join("");
    return (
      `<g stroke="${colour}" fill="${colour}"><path d="${path}" fill="none" stroke-width="2"/>` +
      `${dots}</g>` +
      text(LEFT + PLOT_WIDTH + 10, nameY + 4, name, `fill="${colour}"`)
    );
  });
}

function text(x: number, y: number, content: string, more = ""): string {
  const attributes = more === "" ? "" : ` ${more}`;
  return `<text x="${rounded(x)}" y="${rounded(y)}"${attributes}>${escaped(content)}</text>`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
