/** The `partita` command. */
import { processContext } from './context.js'
import { run } from './program.js'

/** The exit codes that a shell reports for a process ended by a signal. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

// A command that has state to save listens too, and ends by itself at the first signal.
for (const [signal, code] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code)
  })
}

process.exitCode = await run(process.argv.slice(2), processContext())
