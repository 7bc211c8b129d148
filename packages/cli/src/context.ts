/** What a command works with besides its arguments, so that tests can hand it streams of their own. */
import type { Terminal } from './terminal/confirm.js'
import { Output } from './terminal/output.js'
import type { Screen } from './terminal/progress.js'

export interface Context {
  readonly input: Terminal['input']
  /** Where talk, questions and progress go: stderr. */
  readonly screen: Screen
  readonly output: Output
}

export function processContext(): Context {
  return { input: process.stdin, screen: process.stderr, output: new Output(process.stdout, process.stderr) }
}
