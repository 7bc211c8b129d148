/** The streams of a command. Tests pass their own. */
import type { Terminal } from './terminal/confirm.js'
import { Output } from './terminal/output.js'
import type { Screen } from './terminal/progress.js'

/** The streams that a command reads and writes. */
export interface Context {
  readonly input: Terminal['input']
  /** Receives messages, questions and progress: stderr. */
  readonly screen: Screen
  readonly output: Output
}

/** The context of this process: its stdin, stdout and stderr. */
export function processContext(): Context {
  return { input: process.stdin, screen: process.stderr, output: new Output(process.stdout, process.stderr) }
}
