/** Limits of a server, and their defaults. */

/** Limits of a server: connections, memory and time. */
export interface ServerLimits {
  /** Maximum number of open connections; further ones are closed at once. Default 4,096. */
  readonly connections: number
  /** Maximum bytes of one request's body, both as received and decompressed. Default 16 MB, as at AWS. */
  readonly requestBytes: number
  /**
   * Maximum bytes of the bodies of all unanswered requests together, as received and decompressed. Requests above it
   * are refused with `ServiceUnavailableException`, 503, which SDKs retry. Default 256 MB.
   */
  readonly heldBytes: number
  /**
   * With `keys`: maximum bytes of these bodies that one address (IPv4, or a /64 network of IPv6) may hold on connections
   * whose last request did not carry a valid signature. Requests above it are refused in the same way. Default 32 MB.
   */
  readonly unverifiedBytes: number
  /**
   * Maximum bytes of all answers that clients have not received yet. Above it, the server closes the connection that
   * has been sending its answer for longest. A connection sends one answer at a time. Default 256 MB.
   */
  readonly answerBytes: number
  /** Milliseconds within which a client must send the headers of a request. Default 20,000. */
  readonly headersTimeout: number
  /** Milliseconds within which a client must send a whole request. Default 120,000. */
  readonly requestTimeout: number
  /** Milliseconds that a connection may be idle between two requests. Default 65,000. */
  readonly idleTimeout: number
  /** Milliseconds within which a client must receive some bytes of its answer. Default 60,000. */
  readonly answerTimeout: number
  /** Milliseconds that requests in flight have to complete when the server is closed. Default 10,000. */
  readonly closeTimeout: number
}

const MB = 1024 * 1024

/** The limits of a server that sets none. */
export const DEFAULT_LIMITS: ServerLimits = {
  connections: 4096,
  requestBytes: 16 * MB,
  heldBytes: 256 * MB,
  unverifiedBytes: 32 * MB,
  answerBytes: 256 * MB,
  headersTimeout: 20_000,
  requestTimeout: 120_000,
  // Longer than clients usually keep idle connections, so that the server does not close one that is just being reused.
  idleTimeout: 65_000,
  answerTimeout: 60_000,
  closeTimeout: 10_000,
}
