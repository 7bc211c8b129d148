/** What every answer must be, whatever the request was. */

/** Messages of errors in the code, which no client may see. */
const INTERNAL =
  /Cannot read prop|is not a function|is not iterable|call stack|Invalid array length|is not defined|BigInt|InternalServerError|InternalFailure/

/** @returns the problem of an answer, or undefined. */
export function problemOfAnswer(status: number, body: string): string | undefined {
  if (![200, 400, 403, 413, 417, 503].includes(status)) return `has status ${status}`
  // Changes of tags have an empty body.
  if (status === 200 && body === '') return undefined
  const parsed = parse(body)
  if (parsed === undefined) return 'is no JSON of a structure'
  const type = parsed.__type
  if (status === 200)
    return type === undefined || typeof type === 'object'
      ? faultOfParts(parsed)
      : 'is a success with the type of an error'
  if (typeof type !== 'string' || !/^com\.amazon(?:aws)?\.[\w.]+#\w+$/.test(type)) return 'is an error without a type'
  const message = parsed.message ?? parsed.Message
  if (message !== undefined && typeof message !== 'string') return 'is an error whose message is not a string'
  return INTERNAL.test(type) || shownInternally(message) ? 'is an error of the server itself' : faultOfParts(parsed)
}

interface Parsed {
  readonly [name: string]: unknown
}

function parse(body: string): Parsed | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Parsed) : undefined
  } catch {
    return undefined
  }
}

/** Messages repeat what clients sent, but they begin with the server's words. */
function shownInternally(message: string | undefined): boolean {
  return message !== undefined && INTERNAL.test(message.slice(0, 60))
}

/** Errors inside an answer: those of statements in a batch or of parts of a transaction. */
function faultOfParts({ Responses: responses, CancellationReasons: reasons }: Parsed): string | undefined {
  const errors = [
    ...(Array.isArray(responses) ? responses.map(it => it?.Error) : []),
    ...(Array.isArray(reasons) ? reasons : []),
  ]
  const isInternal = errors.some(it => it?.Code === 'InternalServerError' || shownInternally(it?.Message))
  return isInternal ? 'has a part that is an error of the server itself' : undefined
}

/** The class under which an answer is counted. */
export function kindOfAnswer(status: number, body: string): string {
  if (status === 200) return '200'
  return `${status} ${/#(\w+)"/.exec(body.slice(0, 200))?.[1] ?? 'other'}`
}
