/** Ten times as many random calls. */
process.env.PARTITA_RANDOM_SCALE ??= '10'
await import('./random-operations.test.js')
