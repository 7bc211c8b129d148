/** A service whose clock jumps and whose tokens expire, before the faults of a network. */
import type { IncomingHttpHeaders } from 'node:http'
import type { AwsCredentialIdentity, CredentialProvider } from '../../packages/partita/src/dynamodb/index.js'
import type { FaultProxy, Passing, Refusal, RunFault } from './fault-proxy.js'

/** AWS refuses a signature whose time differs by more. */
const MAX_SKEW = 5 * 60_000
const HOUR = 3_600_000
/** Faults that wait for a timeout are rarer, so that a run spends its time on requests. */
const QUICK: readonly RunFault[] = ['drop', 'doneReset', 'done500', 'done503', 'throttle', 'conflict', 'empty', 'cut']
const SLOW: readonly RunFault[] = ['hang', 'doneHang', 'stall']
const CHANCE = { quick: 0.06, slow: 0.002, clock: 0.01, token: 0.01 }

const WRITE = /^(Put|Update|Delete)Item|^Transact/

/** The faults of one run, in the order of a seed. */
export class FaultyService {
  /** How often each fault occurred. */
  readonly counts: Record<string, number> = {}
  /** What the store gets its credentials from. */
  readonly credentials: CredentialProvider
  readonly #random: () => number
  #offset = 0
  #token = 0

  constructor(random: () => number) {
    this.#random = random
    let held: AwsCredentialIdentity | undefined
    // As the SDK's chain: the same credentials until a caller insists on others.
    this.credentials = async ({ forceRefresh = false } = {}) => {
      if (!held || forceRefresh) held = { accessKeyId: 'run', secretAccessKey: 'run', sessionToken: this.#named() }
      return held
    }
  }

  /** Puts the faults before a server. @returns a function that removes them. */
  attach(proxy: FaultProxy): () => void {
    proxy.refuse = headers => this.#refuse(headers)
    proxy.decide = passing => this.#decide(passing)
    return () => {
      proxy.refuse = undefined
      proxy.decide = undefined
    }
  }

  #refuse(headers: IncomingHttpHeaders): Refusal | undefined {
    const random = this.#random
    if (random() < CHANCE.clock) this.#offset = Math.round((random() - 0.5) * HOUR)
    if (random() < CHANCE.token) this.#token++
    const date = new Date(Date.now() + this.#offset)
    const signed = Date.parse(String(headers['x-amz-date']).replace(STAMP, '$1-$2-$3T$4:$5:$6Z'))
    if (!(Math.abs(signed - date.getTime()) <= MAX_SKEW)) return this.#refused('InvalidSignatureException', date)
    if (headers['x-amz-security-token'] !== this.#named()) return this.#refused('ExpiredTokenException', date)
    return undefined
  }

  #refused(name: string, date: Date): Refusal {
    this.#count(name)
    return { name, date }
  }

  #decide({ operation }: Passing): RunFault | undefined {
    const random = this.#random
    const chance = random()
    const some = chance < CHANCE.slow ? SLOW : chance < CHANCE.slow + CHANCE.quick ? QUICK : undefined
    const fault = some?.[Math.floor(random() * some.length)]
    // A transaction conflict is an answer to writes only.
    if (!fault || (fault === 'conflict' && !WRITE.test(operation))) return undefined
    this.#count(fault)
    return fault
  }

  #named(): string {
    return `token ${this.#token}`
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }
}

const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
