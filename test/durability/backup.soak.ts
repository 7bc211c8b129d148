/** The same over a hundred copies, beside writers that never rest. */
process.env.PARTITA_BACKUPS ??= '100'
process.env.PARTITA_COPIES ??= '100'
await import('./backup.test.js')
