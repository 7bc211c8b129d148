/** Runs the suite of power failures with two thousand of them. */
process.env.PARTITA_POWER_FAILURES ??= '2000'
await import('./power-loss.test.js')
