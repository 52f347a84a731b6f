/** What stands where in a chart; how it looks is looked at. */
import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type Chart, svgOf } from "../../bench/chart.ts";

const CHART: Chart = {
  title: "Cost & size",
  description: "a < b",
  x: { label: "sizes", scale: "log" },
  y: { label: "costs", scale: "linear" },
  series: [
    {
      name: "ours",
      points: [
        [10, 4],
        [100, 8],
        [1_000, 12],
      ],
    },
    {
      name: "theirs",
      points: [
        [10, 1],
        [1_000, 12],
      ],
    },
  ],
};

/** The texts of the chart with their places, in order. */
function textsOf(svg: string): readonly { x: number; y: number; text: string }[] {
  return [...svg.matchAll(/<text x="([-0-9.]+)" y="([-0-9.]+)"[^>]*>([^<]*)<\/text>/g)].map(
    ([, x, y, text = ""]) => ({ x: Number(x), y: Number(y), text }),
  );
}

function placeOf(svg: string, text: string): { x: number; y: number } {
  const found = textsOf(svg).find((one) => one.text === text);
  expect(found, text).toBeDefined();
  return found ?? { x: 0, y: 0 };
}

/** The dots of each line, in order. */
function dotsOf(svg: string): readonly (readonly (readonly [number, number])[])[] {
  return [...svg.matchAll(/<g stroke=.*?<\/g>/gs)].map(([group]) =>
    [...group.matchAll(/cx="([-0-9.]+)" cy="([-0-9.]+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    ),
  );
}

describe("a chart", () => {
  test("is the same for the same figures, says what it is, and escapes what it is told", () => {
    const svg = svgOf(CHART);
    expect(svgOf(CHART)).toBe(svg);
    expect(svg).toStartWith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 400"');
    expect(svg).toContain("<title>Cost &amp; size</title>");
    expect(svg).toContain("<desc>a &lt; b</desc>");
    expect(svg).toEndWith("</svg>\n");
  });

  test("places decades at equal distances on a logarithmic axis", () => {
    const svg = svgOf(CHART);
    const [ours = []] = dotsOf(svg);
    const [first = 0, second = 0, third = 0] = ours.map(([x]) => x);
    expect(second - first).toBeCloseTo(third - second, 0);
    expect(placeOf(svg, "100").x).toBeCloseTo(second, 0);
  });

  test("places amounts from zero upwards on a linear axis", () => {
    const svg = svgOf(CHART);
    const [ours = []] = dotsOf(svg);
    const zeroY = placeOf(svg, "0").y - 4;
    const [first = 0, , third = 0] = ours.map(([, y]) => y);
    expect((zeroY - third) / (zeroY - first)).toBeCloseTo(3, 1);
  });

  test("stretches the tail of a distribution: each nine takes the same room", () => {
    const points = [0, 0.9, 0.99, 0.999].map((share) => [share, 1 + share] as const);
    const series = [{ name: "latency", points }];
    const svg = svgOf({ ...CHART, x: { label: "share", scale: "percentile" }, series });
    const [dots = []] = dotsOf(svg);
    const gaps = dots.slice(1).map(([x], at) => x - (dots[at]?.[0] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0] ?? 0, 0);
    expect(placeOf(svg, "99.9 %").x).toBeCloseTo(dots.at(-1)?.[0] ?? 0, 0);
  });

  test("leaves out what a logarithm does not know, and the last percentile", () => {
    const svg = svgOf({
      ...CHART,
      y: { label: "ms", scale: "log" },
      series: [
        {
          name: "one",
          points: [
            [0, 1],
            [1, 0],
            [10, 5],
            [100, 50],
          ],
        },
      ],
    });
    expect(dotsOf(svg)[0]).toHaveLength(2);
  });

  test("keeps the names of lines that end in one place apart", () => {
    const svg = svgOf(CHART);
    const distance = placeOf(svg, "theirs").y - placeOf(svg, "ours").y;
    expect(Math.abs(distance)).toBeGreaterThanOrEqual(15);
  });

  test("shows large figures in short, and close ones with steps between decades", () => {
    const points = [
      [20_000, 2e6],
      [50_000, 4e6],
    ] as const;
    const svg = svgOf({ ...CHART, series: [{ name: "large", points }] });
    const texts = textsOf(svg).map(({ text }) => text);
    expect(texts).toContain("20 k");
    expect(texts).toContain("4 M");
  });

  test("of nothing, or of more lines than colours, is a bug", () => {
    expect(() => svgOf({ ...CHART, series: [] })).toThrow(AssertionFailed);
    const many = Array.from({ length: 7 }, (_, at) => ({
      name: `${at}`,
      points: [[1, 1]] as const,
    }));
    expect(() => svgOf({ ...CHART, series: many })).toThrow(AssertionFailed);
  });
});
