/** Ten times as many races of writes with deletes of the rows that they refer to. */
process.env.PARTITA_RACE_SCALE ??= '10'
await import('./guarded-refs.test.js')
await import('./on-delete.test.js')
