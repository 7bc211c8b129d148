/** Sends ten times as many malformed requests. */
process.env.PARTITA_FUZZ_REQUESTS ??= '40000'
await import('./fuzz.test.js')
