/** Reports a request that never ends, which nothing in the same thread can do. */
import { Worker } from 'node:worker_threads'

const INTERVAL = 60_000

/** The same request at two checks in a row means that it hangs, or that the machine paused. */
const WATCH = `
const { workerData: { state, seed, interval } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
let last = -1
setInterval(() => {
  const number = Atomics.load(state, 0)
  if (number >= 0 && number === last) {
    writeSync(2, 'Request ' + number + ' (PARTITA_TEST_SEED=' + seed + ' PARTITA_FUZZ_FIRST=' + number + ' PARTITA_FUZZ_REQUESTS=1) does not end\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  last = number
}, interval)
`

export class Watchdog {
  readonly #state = new Int32Array(new SharedArrayBuffer(4)).fill(-1)
  readonly #worker: Worker

  constructor(seed: number) {
    this.#worker = new Worker(WATCH, { eval: true, workerData: { state: this.#state, seed, interval: INTERVAL } })
  }

  began(number: number): void {
    Atomics.store(this.#state, 0, number)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
