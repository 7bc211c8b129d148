/** The `partita` command. */
import { Console } from 'node:console'
import { processContext } from './context.js'
import { reportFailure, run } from './program.js'
import { type EndingSignal, endProcess, endWith, SIGNAL_EXIT_CODES } from './terminal/end-process.js'

// A command that has state to save listens too, and ends by itself at the first signal.
for (const signal of Object.keys(SIGNAL_EXIT_CODES) as EndingSignal[]) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) void endProcess(signal)
  })
}

// The SDK warns in many lines of the versions of Node that its later versions will need. This one works.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

// stdout has data alone. What configuration files, models and seeds print goes to stderr.
globalThis.console = new Console(process.stderr)

const args = process.argv.slice(2)
const context = processContext()
// An error in a callback of the user's modules, or a rejection that they do not handle.
process.on('uncaughtException', async error => endWith(await reportFailure(error, args, context)))

process.exitCode = await run(args, context)

// Modules of the user may leave a timer or a connection open, which must not keep a command that is done from ending.
setInterval(() => {
  if (process.stdout.writableLength === 0) process.exit()
}, 1000).unref()
