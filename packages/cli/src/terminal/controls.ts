/**
 * Characters that a terminal interprets instead of showing them: control characters, which also begin escape sequences,
 * and the Unicode characters that break lines or change the direction of text.
 */
const CONTROL = String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]`
const ANY = new RegExp(CONTROL, 'u')
/** All but line feeds, which are layout in a JSON text. There, every other control is inside a string. */
const ALL_IN_JSON = new RegExp(`(?!\\n)${CONTROL}`, 'gu')

/** Whether the text contains a character that a terminal acts on. */
export function hasControls(text: string): boolean {
  return ANY.test(text)
}

/** A JSON text whose strings have all controls escaped; JSON.stringify does not escape all of them. */
export function escapeControls(json: string): string {
  return json.replace(ALL_IN_JSON, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
