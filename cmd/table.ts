export interface TableColumn {
  readonly title: string
  /** `decimal` puts the points of a column below each other. */
  readonly align: 'left' | 'right' | 'decimal'
  /** Longer cells are cut and end in an ellipsis. */
  readonly max?: number
}

/** A table for a terminal: two spaces between columns, a line below the titles and another one above `foot`. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  foot?: readonly string[],
): string {
  const all = foot === undefined ? rows : [...rows, foot]
  const cells = all.map((row) => columns.map(({ max }, i) => cut(printable(row[i] ?? ''), max)))
  const rendered = columns.map((column, i) =>
    alignColumn(
      column,
      cells.map((row) => row[i] ?? ''),
    ),
  )
  const widths = rendered.map(({ width }) => width)
  const rule = widths.map((width) => '─'.repeat(width)).join('──')
  const lines = cells.map((_, r) => rendered.map(({ cells: column }) => column[r] ?? '').join('  '))
  const body = foot === undefined ? lines : [...lines.slice(0, -1), rule, ...lines.slice(-1)]
  return [rendered.map(({ title }) => title).join('  '), rule, ...body].map((line) => `${line.trimEnd()}\n`).join('')
}

function alignColumn(
  { title, align }: TableColumn,
  cells: readonly string[],
): { title: string; cells: readonly string[]; width: number } {
  const prepared = align === 'decimal' ? alignPoints(cells) : cells
  const width = Math.max(widthOf(title), ...prepared.map(widthOf))
  const pad = align === 'left' ? padEnd : padStart
  return { title: pad(title, width), cells: prepared.map((cell) => pad(cell, width)), width }
}

/** Fills up behind the point, so that aligning to the right puts the points below each other. */
function alignPoints(cells: readonly string[]): readonly string[] {
  const digits = (cell: string): number => (cell.includes('.') ? cell.length - cell.indexOf('.') : 0)
  const most = Math.max(0, ...cells.map(digits))
  return cells.map((cell) => cell + ' '.repeat(most - digits(cell)))
}

/** Names come from telemetry: what would move the cursor or colour the terminal is shown, not obeyed. */
const printable = (text: string): string => text.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')

/** Characters, not code units; wide scripts count as one column each. */
const widthOf = (text: string): number => [...text].length
const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

function cut(text: string, max: number | undefined): string {
  return max === undefined || widthOf(text) <= max ? text : `${[...text].slice(0, max - 1).join('')}…`
}
