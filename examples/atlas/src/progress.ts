/** Shows the progress of the loading: a bar on a terminal, else two lines. */
import { progress as bar } from '@clack/prompts'
import type { LoadProgress } from './load.js'

export function loadProgress(out: NodeJS.WriteStream): LoadProgress {
  let total = 0
  let done = 0
  let units = 0
  let since = 0
  let shown: ReturnType<typeof bar> | undefined
  const state = () => {
    const seconds = Math.max((performance.now() - since) / 1000, 0.001)
    const rate = Math.round(done / seconds).toLocaleString('en')
    return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} items, ${rate} items/s, ${units.toLocaleString('en')} write units`
  }
  return {
    begin(items) {
      total = items
      since = performance.now()
      if (out.isTTY) {
        shown = bar({ max: total, output: out })
        shown.start('Loading the atlas')
      } else out.write(`Loading the atlas: ${total.toLocaleString('en')} items\n`)
    },
    advance(items, cost) {
      done += items
      units += cost
      shown?.advance(items, state())
    },
    end() {
      if (shown) shown.stop(state())
      else out.write(`Loaded ${state()}\n`)
    },
  }
}
