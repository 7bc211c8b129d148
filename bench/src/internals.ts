/**
 * What the bench takes from inside the library. None of it is public, so it comes by path from what the build made:
 * "the same bytes" and "the same decoding" mean the engine's own record codec, not a copy of it.
 */

export { marshallItem, unmarshallItem } from '../../packages/partita/dist/dynamodb/marshall.js'
export { decodeRecord, encodeRecord } from '../../packages/partita/dist/embedded/codec.js'
export * as ast from '../../packages/partita/dist/expression/ast.js'
export { applyUpdate } from '../../packages/partita/dist/expression/evaluate.js'
export { Aliases, parseUpdate } from '../../packages/partita/dist/expression/parse.js'
export type { Store } from '../../packages/partita/dist/store/store.js'
export { measureItem } from '../../packages/partita/dist/value/size.js'
