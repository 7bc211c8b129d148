/** Decompresses the bodies of requests. */
import { gunzip, type Inflate, type InputType, inflate, type ZlibOptions } from 'node:zlib'
import { AwsError } from '../protocol/aws-error.js'
import { busy, type Hold, tooLarge } from './body.js'
import type { ServerLimits } from './limits.js'

type Coding = 'gzip' | 'deflate'

/** The result with the option `info`, which Node's types omit. */
interface Inflated {
  readonly buffer: Buffer
  /** `bytesWritten` is the number of compressed bytes that were consumed. */
  readonly engine: Inflate
}
type Inflater = (
  body: InputType,
  options: ZlibOptions,
  done: (error: NodeJS.ErrnoException | null, inflated: Inflated) => void,
) => void

/** Old AWS clients send `amz-1.0` for a body without encoding. */
const NONE: ReadonlySet<string> = new Set(['', 'identity', 'amz-1.0'])
/** The highest compression ratio of deflate. */
const MAX_INFLATION = 1032

/**
 * Calls `done` once with the text of a body, or with the error that refuses it. Other threads decompress the body, some
 * kilobytes at a time, and stop at the limit on its size.
 *
 * @param encoding the header `Content-Encoding`: gzip (of one or more members), deflate (zlib's format, RFC 9110) or
 *   none. Two encodings on top of each other are refused, and so are bytes after the end of the compressed data.
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
  const inflater = (coding === 'gzip' ? gunzip : inflate) as unknown as Inflater
  inflater(body, { maxOutputLength: limits.requestBytes, info: true }, (error, inflated) => {
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

/** The coding of a body; undefined for none. */
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
  // Invalid UTF-8 becomes this character, which the client may also have sent.
  if (!text.includes('\ufffd') || bytes.equals(Buffer.from(text))) return text
  return new AwsError('SerializationException', '')
}
