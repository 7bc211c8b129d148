/** Recognises responses that do not come from DynamoDB, but from something between it and the client. */

/** Whether a body is an empty JSON object, or its first member begins with a capital like those of DynamoDB. */
export function isOfDynamoDB(body: Uint8Array): boolean {
  if (body[0] === BRACE && body[1] === QUOTE) return isCapital(body[2])
  const start = /^\s*\{\s*(?:\}|"([^"]))/.exec(new TextDecoder().decode(body.subarray(0, MAX_START)))
  return start !== null && (start[1] === undefined || isCapital(start[1].charCodeAt(0)))
}

const BRACE = 0x7b
const QUOTE = 0x22
/** Number of bytes in which the first member of a body begins, with any indentation. */
const MAX_START = 100

function isCapital(code: number | undefined): boolean {
  return code !== undefined && code >= 0x41 && code <= 0x5a
}

/** A response that does not come from DynamoDB, or is empty. The SDK retries it because of `$retryable`. */
export class ForeignAnswer extends Error {
  readonly $retryable = { throttling: false }

  constructor(length: number) {
    super(length === 0 ? 'The response has no body' : 'The response is not from DynamoDB')
    this.name = 'ForeignAnswer'
  }
}
