/** Runs the crash suite with ten times as many kills. */
process.env.PARTITA_CRASH_ROUNDS ??= '150'
await import('./crash.test.js')
