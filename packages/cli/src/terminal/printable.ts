/** Text from a store on its way to a terminal: nothing in it may move the cursor, change colours or fake a line. */
import { escapeControls, hasControls } from './controls.js'

/**
 * One line for a key or the like: the text as it is, or as a JSON string where it holds what a terminal acts upon.
 * A text that begins with a quote is a JSON string too, so that the two forms cannot be mistaken for each other.
 */
export function printable(text: string): string {
  return hasControls(text) || text.startsWith('"') ? escapeControls(JSON.stringify(text)) : text
}

/** A message as one safe line: line breaks become spaces, other controls are escaped. */
export function oneLine(message: string): string {
  const line = message.replace(/\s*[\r\n]+\s*/g, ' ').trim()
  return hasControls(line) ? escapeControls(JSON.stringify(line).slice(1, -1)).replaceAll('\\"', '"') : line
}
