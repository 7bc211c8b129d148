/** Types of `internals.mjs`: the compiled modules are in `.build`, their declarations in `dist`. */
export { marshallItem, unmarshallItem } from '../packages/partita/dist/dynamodb/sdk/marshall.js'
export { decodeRecord, encodeRecord } from '../packages/partita/dist/embedded/storage/codec.js'
export * as ast from '../packages/partita/dist/expression/ast.js'
export { applyUpdate } from '../packages/partita/dist/expression/evaluate/index.js'
export { Aliases, parseUpdate } from '../packages/partita/dist/expression/parse/index.js'
export type { Store } from '../packages/partita/dist/store/store.js'
export { measureItem } from '../packages/partita/dist/value/size.js'
