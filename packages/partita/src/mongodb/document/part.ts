/** The part of a table that a document belongs to, for parallel scans: the same number of documents for each, on average. */

/** The number of parts. */
const PARTS = 65_536

/** The part of a document, from 0, by a hash of its `_id` (FNV-1a). */
export function partOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  // FNV-1a mixes the last characters into the low bits only.
  return (hash ^ (hash >>> 16)) & (PARTS - 1)
}

/** The parts of a segment: from the first, up to but without the last. */
export function partsOf({ index, total }: { readonly index: number; readonly total: number }): [number, number] {
  return [Math.ceil((index * PARTS) / total), Math.ceil(((index + 1) * PARTS) / total)]
}
