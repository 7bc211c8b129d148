/** Base64, the form of binary values in JSON, on runtimes with and without Node's `Buffer`. */

const Bytes = globalThis.Buffer as typeof Buffer | undefined
/** Characters of a call of `String.fromCharCode`, whose arguments are on the stack. */
const PART = 8192

/** Encodes bytes. */
export function base64(bytes: Uint8Array): string {
  if (Bytes) return Bytes.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  let text = ''
  for (let at = 0; at < bytes.length; at += PART) text += String.fromCharCode(...bytes.subarray(at, at + PART))
  return btoa(text)
}

/** Decodes text into bytes of their own: a small `Buffer` would share memory with others. */
export function bytesOfBase64(text: string): Uint8Array {
  if (Bytes) return new Uint8Array(Bytes.from(text, 'base64'))
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}
