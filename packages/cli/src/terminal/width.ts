/** How many columns of a terminal a text takes. */

/** Emoji and the wide scripts of East Asia take two columns. */
const WIDE =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u
/** Texts of these alone need no segmentation. */
const NARROW = /^[\x20-\x7e]*$/

const segmenter = new Intl.Segmenter()

/** The columns of a text without control characters. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** The text in exactly this many columns: filled up with spaces, or cut off with an ellipsis. */
export function fitted(text: string, columns: number): string {
  const width = widthOf(text)
  if (width <= columns) return text + ' '.repeat(columns - width)
  let [kept, used] = ['', 0]
  for (const { segment } of segmenter.segment(text)) {
    const more = widthOf(segment)
    if (used + more > columns - 1) break
    kept += segment
    used += more
  }
  return `${kept}…${' '.repeat(columns - 1 - used)}`
}
