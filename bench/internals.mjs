/**
 * Internal modules of the library, imported by path from the build. "The same bytes" and "the same decoding" then mean
 * the engine's own record codec and not a copy of it.
 */

export { marshallItem, unmarshallItem } from '../packages/partita/.build/dynamodb/sdk/marshall.js'
export { decodeRecord, encodeRecord } from '../packages/partita/.build/embedded/storage/codec.js'
export * as ast from '../packages/partita/.build/expression/ast.js'
export { applyUpdate } from '../packages/partita/.build/expression/evaluate/index.js'
export { Aliases, parseUpdate } from '../packages/partita/.build/expression/parse/index.js'
export { measureItem } from '../packages/partita/.build/value/size.js'
