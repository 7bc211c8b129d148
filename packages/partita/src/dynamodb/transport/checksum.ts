/** The checksum that DynamoDB sends with each response, in the header `x-amz-crc32`. */
import { builtin } from './runtime.js'

/** Node has it from 20.15. */
const native = builtin?.<{ crc32?: (bytes: Uint8Array) => number }>('node:zlib')?.crc32

/** Returns the CRC-32 of bytes. */
export const crc32: (bytes: Uint8Array) => number = native ? bytes => native(bytes) : portableCrc32

let table: Uint32Array | undefined

/** The same without Node. */
export function portableCrc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}
