/** Bodies that clients send compressed. */
import { gunzip, type Inflate, type InputType, inflate, type ZlibOptions } from 'node:zlib'
import { AwsError } from '../protocol/aws-error.js'
import { busy, type Hold, tooLarge } from './body.js'
import type { ServerLimits } from './limits.js'

type Coding = 'gzip' | 'deflate'

/** What `info` makes of the answer, which Node's types leave out. */
interface Inflated {
  readonly buffer: Buffer
  /** `bytesWritten` counts what was read of the compressed bytes. */
  readonly engine: Inflate
}
type Inflater = (
  body: InputType,
  options: ZlibOptions,
  done: (error: NodeJS.ErrnoException | null, inflated: Inflated) => void,
) => void

const INFLATERS = { gzip: gunzip, deflate: inflate } as unknown as { readonly [coding in Coding]: Inflater }
/** `amz-1.0` is what old clients of AWS send for no encoding. */
const NONE: ReadonlySet<string> = new Set(['', 'identity', 'amz-1.0'])
/** The best that deflate can do, in bytes for one. */
const MAX_INFLATION = 1032

/**
 * Calls `done` once with the text of a body that may be compressed, or with the reason why it is refused. A compressed
 * one is inflated by other threads, some kilobytes at a time, and never to more than a body may have.
 *
 * @param encoding the header `Content-Encoding`: gzip (several members are one), deflate (of zlib's format, RFC 9110) or
 *   none; two, one upon the other, are refused, as is what follows the end of the compressed bytes.
 */
export function readText(
  body: Buffer,
  encoding: string | undefined,
  limits: ServerLimits,
  hold: Hold,
  done: (text: string | AwsError) => void,
): void {
  const coding = encoding === undefined ? undefined : codingOf(encoding)
  if (coding === undefined) {
    done(decode(body))
    return
  }
  if (coding instanceof AwsError) {
    done(coding)
    return
  }
  const holding = Math.min(limits.requestBytes, body.length * MAX_INFLATION)
  if (!hold.take(holding)) {
    done(busy())
    return
  }
  INFLATERS[coding](body, { maxOutputLength: limits.requestBytes, info: true }, (error, inflated) => {
    if (error) {
      hold.release(holding)
      done(error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : broken(coding))
      return
    }
    const { buffer, engine } = inflated
    hold.release(holding - buffer.length)
    done(engine.bytesWritten === body.length ? decode(buffer) : broken(coding))
  })
}

/** The one coding of a body, or undefined. */
function codingOf(encoding: string): Coding | AwsError | undefined {
  const codings = encoding
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => !NONE.has(name))
  if (codings.length === 0) return undefined
  const [coding] = codings
  if (codings.length === 1) {
    if (coding === 'gzip' || coding === 'x-gzip') return 'gzip'
    if (coding === 'deflate') return 'deflate'
  }
  const named = JSON.stringify(encoding.slice(0, 100))
  return new AwsError(
    'SerializationException',
    `Content-Encoding ${named} is not supported: send gzip, deflate or none`,
  )
}

function broken(coding: Coding): AwsError {
  return new AwsError('SerializationException', `The body is not ${coding} from its first byte to its last`)
}

function decode(bytes: Buffer): string | AwsError {
  const text = bytes.toString('utf8')
  // Bytes that are no text become this character; it may also have been sent.
  if (!text.includes('\ufffd') || bytes.equals(Buffer.from(text))) return text
  return new AwsError('SerializationException', '')
}
