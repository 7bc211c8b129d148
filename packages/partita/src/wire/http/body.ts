/** The body of a request: received within bounds, inflated where it came compressed. */
import type { IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import { Fault } from '../fault.js'
import type { ServerLimits } from './limits.js'

/** What all the requests of one server hold together. */
export interface Held {
  bytes: number
}

const EMPTY = Buffer.alloc(0)
/** A body may be so many times too long and its client still gets an answer. */
const DRAINED = 4
/** The best that deflate can do, in bytes for one. */
const MAX_INFLATION = 1032

/**
 * Calls `done` once with the body as it was sent, or with the reason why it is refused; never where the client leaves
 * before its end.
 */
export function receiveBody(
  request: IncomingMessage,
  limits: ServerLimits,
  held: Held,
  done: (body: Buffer | Fault) => void,
): void {
  let first: Buffer | undefined
  let more: Buffer[] | undefined
  let length = 0
  let fault: Fault | undefined
  let holding = 0

  const release = () => {
    held.bytes -= holding
    holding = 0
  }
  const refuse = (reason: Fault) => {
    fault = reason
    first = more = undefined
    release()
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (fault) {
      if (length > DRAINED * limits.requestBytes) request.destroy()
    } else if (length > limits.requestBytes) refuse(tooLarge())
    else if (first === undefined) first = chunk
    else {
      if (more === undefined) {
        more = [first]
        // Most bodies come in one piece and are gone again at once; only the others are counted.
        holding = first.length
        held.bytes += holding
        request.once('close', release)
      }
      more.push(chunk)
      holding += chunk.length
      held.bytes += chunk.length
      if (held.bytes > limits.heldBytes) refuse(busy())
    }
  })
  request.on('end', () => done(fault ?? (more ? Buffer.concat(more, length) : (first ?? EMPTY))))
}

/** Calls `done` once with the text of a body that may be compressed, or with the reason why it is refused. */
export function readText(
  body: Buffer,
  encoding: string | undefined,
  limits: ServerLimits,
  held: Held,
  done: (text: string | Fault) => void,
): void {
  // Other names tell of no compression here: clients of old say `amz-1.0`.
  if (encoding === undefined || encoding.trim().toLowerCase() !== 'gzip') {
    done(decode(body))
    return
  }
  const holding = Math.min(limits.requestBytes, body.length * MAX_INFLATION)
  if (held.bytes + holding > limits.heldBytes) {
    done(busy())
    return
  }
  held.bytes += holding
  gunzip(body, { maxOutputLength: limits.requestBytes }, (error, inflated) => {
    held.bytes -= holding
    if (!error) done(decode(inflated))
    else done((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : unreadable())
  })
}

function decode(bytes: Buffer): string | Fault {
  const text = bytes.toString('utf8')
  // Bytes that are no text become this character; it may also have been sent.
  return text.includes('\ufffd') && !bytes.equals(Buffer.from(text)) ? unreadable() : text
}

function unreadable(): Fault {
  return new Fault('SerializationException', '')
}

function tooLarge(): Fault {
  return new Fault('RequestEntityTooLargeException', 'Request body is too large')
}

function busy(): Fault {
  return new Fault('ServiceUnavailableException', 'The server holds as many requests as it may; try again')
}
