/** SHA-256 and its HMAC: Node's functions where they exist, because they answer at once; otherwise Web Crypto. */
import { builtin } from './runtime.js'

/** The hash functions that a signature needs. Text is hashed as UTF-8. */
export interface Hashes {
  /** Returns the hash in hexadecimal. */
  sha256(text: string): string | Promise<string>
  hmac(key: Uint8Array, text: string): Uint8Array | Promise<Uint8Array>
  /** Returns the same in hexadecimal. */
  hmacText(key: Uint8Array, text: string): string | Promise<string>
}

/** The hash functions of this runtime. */
export function runtimeHashes(): Hashes {
  const crypto = builtin?.<typeof import('node:crypto')>('node:crypto')
  return crypto?.createHmac ? nodeHashes(crypto) : webHashes
}

function nodeHashes({ createHash, createHmac, hash }: typeof import('node:crypto')): Hashes {
  return {
    // One call without an object: Node has it from 20.12.
    sha256: hash ? text => hash('sha256', text) : text => createHash('sha256').update(text).digest('hex'),
    hmac: (key, text) => createHmac('sha256', key).update(text).digest(),
    hmacText: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  }
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** Hash functions of Web Crypto. */
export const webHashes: Hashes = {
  async sha256(text) {
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
  },
  async hmac(key, text) {
    const imported = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, HMAC, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text)))
  },
  async hmacText(key, text) {
    return hex(await this.hmac(key, text))
  },
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
