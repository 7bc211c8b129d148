/** A run of many requests: most in the process, some over sockets; and statistics of the answers. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Answer } from '../../../packages/partita/src/wire/dispatch.js'
import { createServer, requestHandler, type WireServer } from '../../../packages/partita/src/wire/index.js'
import { Fixture } from './fixture.js'
import { kindOfAnswer, problemOfAnswer } from './judge.js'
import { Random } from './random.js'
import { replacedRequests } from './replacements.js'
import { type FuzzRequest, makeRequest } from './requests.js'
import { type Seed, seeds } from './seeds.js'
import { SocketClient } from './sockets.js'
import { Watchdog } from './watchdog.js'

export interface RunOptions {
  readonly seed: number
  /** The number of the first request, and the number of requests. */
  readonly first: number
  readonly count: number
}

export interface Figures {
  /** The failures, each with the numbers that repeat its request. */
  readonly failures: string[]
  /** Answers by status and type. */
  readonly answers: Map<string, number>
  seconds: number
  slowest: { milliseconds: number; request: number }
  /** Bytes of the heap after garbage collection, at intervals. */
  readonly heap: number[]
}

const RENEWED_EVERY = 500
const CHECKED_EVERY = 499
const MEASURED_EVERY = 2000
const PROBED_EVERY = 50
const OVER_SOCKETS_EVERY = 60
/** One time in `TOGETHER_EVERY`, `TOGETHER` requests are in flight at the same time. */
const TOGETHER_EVERY = 40
const TOGETHER = 6
const SLOW_MILLISECONDS = 1000
const MOST_FAILURES = 20
const NOTHING = '(nothing)'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export class Run {
  readonly #options: RunOptions
  readonly #fixture = new Fixture()
  readonly #handler = requestHandler(this.#fixture.store, { clock: () => this.#fixture.now })
  readonly figures: Figures = {
    failures: [],
    answers: new Map(),
    seconds: 0,
    slowest: { milliseconds: 0, request: -1 },
    heap: [],
  }
  #seeds: readonly Seed[] = []
  #servers: readonly WireServer[] = []
  #sockets: SocketClient | undefined

  constructor(options: RunOptions) {
    this.#options = options
  }

  async run(): Promise<Figures> {
    const options = { port: 0, clock: () => this.#fixture.now }
    const open = createServer(this.#fixture.store, options)
    const locked = createServer(this.#fixture.store, { ...options, keys: { AKID: 'secret' }, readOnly: true })
    this.#servers = [open, locked]
    this.#sockets = new SocketClient(await open.listen(), await locked.listen())
    await this.#fixture.keep()
    const watchdog = new Watchdog(this.#options.seed)
    const began = performance.now()
    const { first, count } = this.#options
    for (let number = first; number < first + count && this.figures.failures.length < MOST_FAILURES; number++) {
      if (number === first || number % RENEWED_EVERY === 0) await this.#renew(number)
      watchdog.began(number)
      await this.#one(number)
      if (number % PROBED_EVERY === 0) await this.#expect(number, () => this.#fixture.checkKept(number))
      if (number % CHECKED_EVERY === 0) await this.#expect(number, () => this.#fixture.check())
    }
    await this.#expect(first + count - 1, () => this.#fixture.check())
    this.figures.seconds = (performance.now() - began) / 1000
    await watchdog.stop()
    await Promise.all(this.#servers.map(server => server.close()))
    await this.#renew(first + count)
    await this.#fixture.store.close()
    return this.figures
  }

  async #renew(number: number): Promise<void> {
    await this.#expect(number, async () => {
      this.#seeds = seeds(await this.#fixture.renew())
    })
    await new Promise(resolve => setImmediate(resolve))
    if (number % MEASURED_EVERY !== 0 && number !== this.#options.first + this.#options.count) return
    collect()
    this.figures.heap.push(process.memoryUsage().heapUsed)
  }

  async #one(number: number): Promise<void> {
    const random = new Random(this.#options.seed, number)
    if (random.oneIn(OVER_SOCKETS_EVERY)) {
      const request = makeRequest(random, this.#seeds)
      await this.#expect(number, async () => {
        this.#count((await this.#sockets?.exchange(random, request, this.#fixture.now)) ?? NOTHING)
      })
      return
    }
    if (random.oneIn(TOGETHER_EVERY)) await Promise.all(random.list(TOGETHER, () => this.#answerOne(number, random)))
    else await this.#answerOne(number, random)
  }

  /** Every part of every valid request replaced, in the process. */
  async runReplaced(): Promise<readonly string[]> {
    await this.#fixture.keep()
    this.#seeds = seeds(await this.#fixture.renew())
    for (const seed of this.#seeds) {
      this.#seeds = seeds(await this.#fixture.renew())
      for (const request of replacedRequests(seed)) await this.#ask(0, request, false)
      await this.#expect(0, () => this.#fixture.check())
    }
    await this.#fixture.store.close()
    return this.figures.failures
  }

  async #answerOne(number: number, random: Random): Promise<void> {
    const request = makeRequest(random, this.#seeds)
    await this.#ask(number, request, random.oneIn(5))
  }

  async #ask(number: number, request: FuzzRequest, throughHandler: boolean): Promise<void> {
    const ask = () => (throughHandler ? this.#handle(request) : this.#fixture.answer(request.target, request.body))
    const began = performance.now()
    let answered: Answer
    try {
      answered = await ask()
    } catch (error) {
      this.#fail(number, `threw ${error instanceof Error ? error.stack : error}`, request)
      return
    }
    const milliseconds = performance.now() - began
    if (milliseconds > SLOW_MILLISECONDS && (await isSlow(ask))) {
      this.#fail(number, `took ${Math.round(milliseconds)} ms`, request)
    }
    if (milliseconds > this.figures.slowest.milliseconds) this.figures.slowest = { milliseconds, request: number }
    const problem = problemOfAnswer(answered.status, answered.body)
    if (problem !== undefined) this.#fail(number, `${problem}: ${answered.body.slice(0, 600)}`, request)
    this.#count(kindOfAnswer(answered.status, answered.body))
  }

  async #handle({ target, body }: FuzzRequest): Promise<Answer> {
    const headers: { [name: string]: string } = target === undefined ? {} : { 'x-amz-target': target }
    const { response } = await this.#handler.handle({ headers, body: Buffer.from(body) })
    return { status: response.statusCode, body: Buffer.from(response.body).toString() }
  }

  async #expect(number: number, check: () => Promise<void>): Promise<void> {
    try {
      await check()
    } catch (error) {
      this.#fail(number, error instanceof Error ? error.message : String(error))
    }
  }

  #count(kind: string): void {
    this.figures.answers.set(kind, (this.figures.answers.get(kind) ?? 0) + 1)
  }

  #fail(number: number, what: string, request?: FuzzRequest): void {
    const again = `PARTITA_TEST_SEED=${this.#options.seed} PARTITA_FUZZ_FIRST=${number} PARTITA_FUZZ_REQUESTS=1`
    const shown = request ? `\n${request.target} (${request.body.length}) ${request.body.slice(0, 1500)}` : ''
    this.figures.failures.push(`Request ${number} (${again}) ${what}${shown}`)
  }
}

/**
 * On a busy machine any request may be slow. A request that is slow by itself uses as much processor time again each
 * time.
 */
async function isSlow(ask: () => Promise<Answer>): Promise<boolean> {
  for (let times = 0; times < 2; times++) {
    const began = process.cpuUsage()
    await ask()
    const { user, system } = process.cpuUsage(began)
    if ((user + system) / 1000 <= SLOW_MILLISECONDS) return false
  }
  return true
}
