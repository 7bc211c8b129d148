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

// The SDK warns in many lines of the versions of Node that its later versions will need. This one works.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

process.exitCode = await run(process.argv.slice(2), processContext())
