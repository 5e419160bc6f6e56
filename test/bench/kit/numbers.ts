export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1)
  return (low + high) / 2
}

/** A number with so many digits, or a dash for one that was not measured. */
export const digits = (count: number) => (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(count))

const ratio = digits(2)

/** `0.93 [0.91–0.95]`: the median of a ratio and how far its rounds lie apart. */
export const spread = (ratios: readonly number[]) =>
  Number.isNaN(median(ratios))
    ? '–'
    : `${ratio(median(ratios))} [${ratio(Math.min(...ratios))}–${ratio(Math.max(...ratios))}]`

export const whole = (value: number) => (Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en'))

/** A Markdown table, its columns aligned for those who read it as it is. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]) => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
