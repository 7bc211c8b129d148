/** Asks for confirmation. The default answer is no. */
import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel } from '@clack/prompts'
import { NeedsConfirmation } from '../failure.js'
import { oneLine } from './printable.js'

/** The streams that a question is asked and answered on. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
}

/** Whether the user can be asked: input and output must both be terminals. */
export function canAsk({ input, output }: Terminal): boolean {
  return input.isTTY === true && output.isTTY === true
}

/**
 * Returns if the answer is yes. Enter, Escape, Ctrl-C, Ctrl-D and the end of input count as no.
 * @throws NeedsConfirmation if the answer is no, or there is no terminal to ask on.
 */
export async function requireYes(question: string, terminal: Terminal): Promise<void> {
  if (!canAsk(terminal)) {
    throw new NeedsConfirmation('this needs a confirmation, but there is no terminal to ask on; use --yes')
  }
  const { input, output } = terminal
  const ended = new AbortController()
  const end = () => ended.abort()
  // In raw mode Ctrl-D is an ordinary key. The prompt handles neither it nor the end of its input.
  const endOnControlD = (_: string, key?: { readonly name?: string; readonly ctrl?: boolean }) => {
    if (key?.ctrl && key.name === 'd') end()
  }
  for (const event of ['end', 'close', 'error']) input.once(event, end)
  input.on('keypress', endOnControlD)
  try {
    const message = oneLine(question)
    const answer = await confirm({ message, input, output, signal: ended.signal, initialValue: false })
    if (isCancel(answer) || !answer) throw new NeedsConfirmation('the answer was no; nothing was done')
  } finally {
    for (const event of ['end', 'close', 'error']) input.off(event, end)
    input.off('keypress', endOnControlD)
    input.pause()
  }
}
