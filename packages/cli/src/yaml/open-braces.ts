/**
 * Braces around an indented block, as DynamoBao's first example has them:
 *
 *     User: {
 *       modelPrefix: u
 *       fields: ...
 *     }
 *
 * That is not YAML, since entries in braces need commas. What it means is clear, so the braces are ignored.
 */

/** The text with such braces replaced by spaces, so that offsets stay; undefined if it has none. */
export function withoutOpenBraces(text: string): string | undefined {
  const lines = text.split('\n')
  let isChanged = false
  for (let i = 0; i < lines.length; i++) {
    const open = /^([ ]*)[^\s#'"{}[\]:]+:[ ]+\{[ ]*(?:#.*)?\r?$/.exec(lines[i] as string)
    if (!open) continue
    const indent = (open[1] as string).length
    const close = closingLine(lines, i, indent)
    if (close === undefined) continue
    lines[i] = (lines[i] as string).replace('{', ' ')
    lines[close] = (lines[close] as string).replace('}', ' ')
    isChanged = true
  }
  return isChanged ? lines.join('\n') : undefined
}

/** The line with the closing brace alone, in the column of the name; all lines before it are deeper, without commas at the end. */
function closingLine(lines: readonly string[], from: number, indent: number): number | undefined {
  for (let i = from + 1; i < lines.length; i++) {
    const line = (lines[i] as string).trimEnd()
    if (line.trim() === '' || line.trim().startsWith('#')) continue
    const depth = line.length - line.trimStart().length
    if (depth === indent && /^\}[ ]*(?:#.*)?$/.test(line.trim())) return i
    if (depth <= indent || line.endsWith(',')) return undefined
  }
  return undefined
}
