/** Makes text from a store safe to print: nothing in it can move the cursor, change colours or fake a line. */
import { escapeControls, hasControls } from './controls.js'

/**
 * One line for a key or similar text: the text unchanged, or a JSON string if it contains control characters.
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
