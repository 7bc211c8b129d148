/** Compares ten times as many signatures with those of the SDK. */
process.env.PARTITA_SIGNED_REQUESTS ??= '20000'
await import('../../packages/partita/src/dynamodb/transport/signature.test.js')
