import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { NeedsConfirmation } from '../failure.js'
import { canAsk, requireYes } from './confirm.js'

function terminal({ input = true, output = true } = {}) {
  return {
    input: Object.assign(new PassThrough(), { isTTY: input, setRawMode: () => undefined }),
    output: Object.assign(new PassThrough(), { isTTY: output }),
  }
}

/** Types the keys when the question is shown. */
async function answer(type: (input: PassThrough) => void): Promise<unknown> {
  const { input, output } = terminal()
  let shown = ''
  output.on('data', text => {
    const before = shown.includes('No')
    shown += text
    if (!before && shown.includes('No')) setImmediate(() => type(input))
  })
  return requireYes('Delete 2 items?', { input, output })
}

it('the key y confirms the question', async () => {
  await expect(answer(input => input.write('y'))).resolves.toBeUndefined()
})

it.each([
  ['n', (input: PassThrough) => input.write('n')],
  ['Enter alone', (input: PassThrough) => input.write('\r')],
  ['Escape', (input: PassThrough) => input.write('\u001b')],
  ['Ctrl-C', (input: PassThrough) => input.write('\u0003')],
  ['Ctrl-D', (input: PassThrough) => input.write('\u0004')],
  ['the end of input', (input: PassThrough) => input.end()],
  ['a terminal that goes away', (input: PassThrough) => input.destroy()],
])('the question is declined by %s', async (_, type) => {
  await expect(answer(type)).rejects.toThrow(NeedsConfirmation)
})

it.each([[{ input: false }], [{ output: false }]])(
  'the command asks nothing unless both input and output are terminals: %j',
  async ends => {
    const streams = terminal(ends)
    expect(canAsk(streams)).toBe(false)
    await expect(requireYes('Delete?', streams)).rejects.toThrow(/--yes/)
    expect(streams.output.read()).toBeNull()
  },
)
