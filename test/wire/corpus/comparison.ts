/** Where two answers to one request differ. */
import type { CorpusRequest } from './family.js'
import { canonical, normal } from './normal.js'
import type { Answered, Respondent } from './respondents.js'

export interface Found {
  readonly server: string
  readonly family: string
  readonly request: CorpusRequest
  /** The member of the answer, or `outcome` if only one answer is a refusal, or both are and they differ. */
  readonly at: string
  /** JSON, or the name and text of a refusal. Empty if the member is missing. */
  readonly partita: string
  readonly theirs: string
}

type Between = Pick<Found, 'at' | 'partita' | 'theirs'>
type Members = { readonly [name: string]: unknown }

/** The part of `__type` before the name of a refusal. */
const SPACE = /^[^#]*#/

export function compare(
  request: CorpusRequest,
  [mine, partita]: readonly [Answered, Respondent],
  [other, server]: readonly [Answered, Respondent],
): Between[] {
  const ours = parsed(request, mine, partita.region)
  const theirs = parsed(request, other, server.region)
  if (typeof ours === 'string' || typeof theirs === 'string' || mine.status !== other.status) {
    return outcomes(mine, ours, other, theirs)
  }
  if (outcome(ours) !== outcome(theirs)) {
    const rest = differences('', withoutText(ours), withoutText(theirs))
    return [...outcomes(mine, ours, other, theirs), ...rest]
  }
  return differences('', ours, theirs)
}

function parsed(request: CorpusRequest, { body }: Answered, region: string): Members | string {
  if (body === '') return {}
  try {
    return normal(request, body, region) as Members
  } catch {
    return body
  }
}

function outcomes(mine: Answered, ours: Members | string, other: Answered, theirs: Members | string): Between[] {
  const tell = (status: number, answer: Members | string) =>
    `${status} ${typeof answer === 'string' ? answer : outcome(answer)}`
  return [{ at: 'outcome', partita: tell(mine.status, ours), theirs: tell(other.status, theirs) }]
}

/** The name and text of a refusal. Empty for a success. */
function outcome(answer: Members): string {
  if (typeof answer.__type !== 'string') return 'success'
  return `${answer.__type.replace(SPACE, '')}: ${answer.message ?? answer.Message ?? ''}`
}

/** The other members of two refusals whose names or texts differ. */
function withoutText({ message, Message, __type, ...more }: Members): Members {
  return more
}

function differences(at: string, ours: unknown, theirs: unknown): Between[] {
  if (isMembers(ours) && isMembers(theirs)) {
    const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    return names.flatMap(name => differences(at === '' ? name : `${at}.${name}`, ours[name], theirs[name]))
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((element, i) => differences(`${at}[${i}]`, element, theirs[i]))
  }
  const [partita, other] = [text(ours), text(theirs)]
  return partita === other ? [] : [{ at, partita, theirs: other }]
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(canonical(value as never))
}
