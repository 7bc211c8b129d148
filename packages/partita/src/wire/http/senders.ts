/**
 * Limits the bodies that one address holds before its signatures are known to be valid. The signature covers the body, so
 * a server cannot check it earlier, and a client without a key could fill the memory that all requests share.
 */
import { isIPv6 } from 'node:net'
import type { Pool } from './body.js'

/** The bodies that the connections of one address hold without a valid signature. */
export interface AddressPool extends Pool {
  connections: number
}

/** The addresses that have open connections. */
export class Senders {
  readonly #senders = new Map<string, AddressPool>()
  readonly #limit: number

  /** @param limit bytes that one address may hold. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The pool of the address of a new connection. Call {@link close} when the connection closes. */
  open(address: string | undefined): AddressPool {
    const name = networkOf(address ?? '')
    const sender = this.#senders.get(name) ?? { bytes: 0, limit: this.#limit, connections: 0 }
    sender.connections++
    this.#senders.set(name, sender)
    return sender
  }

  close(address: string | undefined, sender: AddressPool): void {
    if (--sender.connections === 0) this.#senders.delete(networkOf(address ?? ''))
  }
}

/** An IPv4 address, or the first 64 bits of an IPv6 address: one client usually has all addresses of such a network. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)
  if (mapped) return mapped[1] as string
  if (!isIPv6(address)) return address
  const [head = [], tail = []] = address.split('::').map(part => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].slice(0, 4).join(':').toLowerCase()
}
