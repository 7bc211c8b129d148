/** Prints tables: the first column left-aligned, figures right-aligned. */

/** @param rows the first row is the head if `headed` is set. */
export function printTable(title: string, rows: readonly (readonly string[])[], headed = false): void {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  const lines = rows.map(row =>
    row
      .map((text, column) => (isFigure(text) || (headed && row === rows[0] && column > 0) ? 'right' : 'left'))
      .map((side, column) => {
        const text = row[column] as string
        return side === 'right' ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number)
      })
      .join('  ')
      .trimEnd(),
  )
  if (headed) lines.splice(1, 0, widths.map(width => '-'.repeat(width)).join('  '))
  console.log(`\n${title}\n\n${lines.map(line => `  ${line}`).join('\n')}`)
}

function isFigure(text: string): boolean {
  return /^[\d,.]+( ?(x|us|MB|s))?$/.test(text)
}

/** `12,345`, or three digits below a thousand. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
