/** Keeps the credentials of a store, and renews them before they end or when they are refused. */
import { systemClock } from '../../store/timers.js'
import type { AwsCredentialIdentity } from '../transport/signature.js'
import type { CredentialProvider } from './provider.js'

/** Credentials are renewed this long before they end, in milliseconds, as the SDK does. */
const RENEWAL = 5 * 60_000
/** While credentials are still valid, a failed renewal is tried again after this time. */
const RETRY = 30_000
/** A provider that has not answered for this time is called again, since it may never answer. */
const STUCK = 30_000

/** The credentials of one store. */
export class Credentials {
  readonly #provider: CredentialProvider | undefined
  #current: AwsCredentialIdentity | undefined
  #renewing: Promise<AwsCredentialIdentity> | undefined
  #renewingSince = 0
  #notBefore = 0

  constructor(source: AwsCredentialIdentity | CredentialProvider) {
    if (typeof source === 'function') this.#provider = source
    else this.#current = source
  }

  /** Returns valid credentials: at once, unless they must be waited for. */
  get(): AwsCredentialIdentity | Promise<AwsCredentialIdentity> {
    const current = this.#current
    if (current && (!this.#provider || !endsWithin(current, RENEWAL))) return current
    if (!current || endsWithin(current, 0)) return this.#renew(false)
    // Still valid: requests go on with them while they are renewed.
    if (systemClock() >= this.#notBefore) {
      this.#notBefore = systemClock() + RETRY
      this.#renew(false).catch(() => {})
    }
    return current
  }

  /**
   * Renews credentials that the server refused.
   * @returns whether there are others now.
   */
  async renew(refused: AwsCredentialIdentity): Promise<boolean> {
    if (!this.#provider) return false
    // Another request may have renewed them meanwhile.
    if (this.#current && isOther(this.#current, refused)) return true
    return isOther(await this.#renew(true), refused)
  }

  #renew(forceRefresh: boolean): Promise<AwsCredentialIdentity> {
    if (this.#renewing && systemClock() - this.#renewingSince < STUCK) return this.#renewing
    const renewing = this.#ask(forceRefresh).finally(() => {
      if (this.#renewing === renewing) this.#renewing = undefined
    })
    this.#renewing = renewing
    this.#renewingSince = systemClock()
    return renewing
  }

  async #ask(forceRefresh: boolean): Promise<AwsCredentialIdentity> {
    const provider = this.#provider as CredentialProvider
    const found = checked(await provider(forceRefresh ? { forceRefresh } : undefined))
    this.#current = found
    return found
  }
}

/** @throws Error with the name that the SDK gives to failed providers. */
function checked(found: AwsCredentialIdentity): AwsCredentialIdentity {
  if (found?.accessKeyId && found.secretAccessKey) return found
  const message = 'The credential provider returned no access key'
  throw Object.assign(new Error(message), { name: 'CredentialsProviderError' })
}

function endsWithin({ expiration }: AwsCredentialIdentity, milliseconds: number): boolean {
  return expiration !== undefined && expiration.getTime() - systemClock() <= milliseconds
}

function isOther(a: AwsCredentialIdentity, b: AwsCredentialIdentity): boolean {
  return a.accessKeyId !== b.accessKeyId || a.sessionToken !== b.sessionToken
}
