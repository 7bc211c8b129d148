/** What one server lets its clients take. */

/** Limits of a server: connections, memory and time. */
export interface ServerLimits {
  /** Connections at a time; others are closed at once. Default 4,096. */
  readonly connections: number
  /** Bytes of one request's body, as it came and inflated. Default 16 MB, as at AWS. */
  readonly requestBytes: number
  /**
   * Bytes of the bodies of all requests that have no answer yet, as they came and inflated; above it requests are
   * refused with `ServiceUnavailableException`, 503, which SDKs retry. Default 256 MB.
   */
  readonly heldBytes: number
  /**
   * Bytes of all the answers that are made and that clients have not taken yet; beyond it the connection is closed whose
   * client has been at its answer longest. A connection has one answer at a time. Default 256 MB.
   */
  readonly answerBytes: number
  /** Milliseconds in which a client has to send the headers of a request. Default 20,000. */
  readonly headersTimeout: number
  /** Milliseconds in which a client has to send a whole request. Default 120,000. */
  readonly requestTimeout: number
  /** Milliseconds that a connection may do nothing between two requests. Default 65,000. */
  readonly idleTimeout: number
  /** Milliseconds in which a client has to take some of its answer. Default 60,000. */
  readonly answerTimeout: number
  /** Milliseconds that requests under way have when the server is closed. Default 10,000. */
  readonly closeTimeout: number
}

const MB = 1024 * 1024

/** The limits of a server that sets none. */
export const DEFAULT_LIMITS: ServerLimits = {
  connections: 4096,
  requestBytes: 16 * MB,
  heldBytes: 256 * MB,
  answerBytes: 256 * MB,
  headersTimeout: 20_000,
  requestTimeout: 120_000,
  // Longer than clients keep their connections, as a rule, so that it is not the server that closes one just being used.
  idleTimeout: 65_000,
  answerTimeout: 60_000,
  closeTimeout: 10_000,
}
