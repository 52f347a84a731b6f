/** Tables for people: words to the left, numbers to the right. */

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Least width; where lines are printed one by one, all that keeps them in step. */
  readonly width?: number;
}

export function left(title: string, width = 0): Column {
  return { title, align: "left", width };
}

export function right(title: string, width = 0): Column {
  return { title, align: "right", width };
}

/** The heading and the rows, each a line; columns are as wide as what is in them. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const wide = columns.map((column, at): Column => {
    const widths = rows.map((row) => row[at]?.length ?? 0);
    const { title, width = 0 } = column;
    // Not spread into the call: rows may be many.
    const widest = widths.reduce((one, other) => Math.max(one, other), width);
    return { ...column, width: Math.max(title.length, widest) };
  });
  return [heading(wide), ...rows.map((row) => line(wide, row))].join("");
}

export function heading(columns: readonly Column[]): string {
  return line(
    columns,
    columns.map(({ title }) => title),
  );
}

export function line(columns: readonly Column[], row: readonly string[]): string {
  const cells = columns.map(({ align, width = 0 }, at) => {
    const cell = row[at] ?? "";
    return align === "left" ? cell.padEnd(width) : cell.padStart(width);
  });
  return `${cells.join("  ").trimEnd()}\n`;
}
