/**
 * What a terminal acts upon instead of showing it: control characters (escape sequences begin with one), and the marks
 * that break lines or reverse the direction of what follows.
 */
const CONTROL = String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]`
const ANY = new RegExp(CONTROL, 'u')
/** Line feeds aside: in a JSON text they are the layout. Every other control stands inside a string there. */
const ALL_IN_JSON = new RegExp(`(?!\\n)${CONTROL}`, 'gu')

/** Whether the text contains a character that a terminal acts on. */
export function hasControls(text: string): boolean {
  return ANY.test(text)
}

/** A JSON text whose strings have all controls escaped; JSON.stringify leaves some of them as they are. */
export function escapeControls(json: string): string {
  return json.replace(ALL_IN_JSON, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
