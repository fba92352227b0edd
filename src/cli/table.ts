export type Alignment = 'left' | 'right';

/** Rows of text as aligned columns, two spaces apart, without trailing spaces. */
export function formatTable(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string[] {
  const widths = alignments.map((_, column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    alignments
      .map((alignment, column) => {
        const [text, width] = [row[column] ?? '', widths[column] ?? 0];
        return alignment === 'left' ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
