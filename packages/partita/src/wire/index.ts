/**
 * DynamoDB's own protocol spoken by the embedded engine: over HTTP to any AWS SDK, or within the process.
 *
 * @module partita/wire
 */
export {}
