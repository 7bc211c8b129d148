/** Runs the backup suite with a hundred copies of each kind. */
process.env.PARTITA_BACKUPS ??= '100'
process.env.PARTITA_COPIES ??= '100'
await import('./backup.test.js')
