/**
 * DynamoDB's own protocol spoken by the embedded engine: over HTTP to any AWS SDK, or within the process.
 *
 * @module partita/wire
 */
export {
  type HandlerOptions,
  requestHandler,
  type SdkRequest,
  type SdkRequestHandler,
  type SdkResponse,
} from './http/handler.js'
export type { ServerLimits } from './http/limits.js'
export { createServer, type ServerOptions, type WireServer } from './http/server.js'
export type { AccessKeys } from './http/signature.js'
