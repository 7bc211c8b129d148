/** What is answered to bytes that are no request, and to requests that do not come to their end. */
import type { Duplex } from 'node:stream'
import { setTimeout } from '../../store/timers.js'
import { refusal } from '../dispatch.js'
import { AwsError } from '../protocol/aws-error.js'
import type { Connections } from './connections.js'
import { requestId } from './request-id.js'

/** Bytes that the first line and the headers of a request have together. */
export const MAX_HEADER_BYTES = 16 * 1024
/** Milliseconds that a client has to read its refusal. Closed at once, with bytes unread, the connection would be reset. */
const LINGER = 1000

/**
 * Answers an error of Node's parser and closes the connection, once the requests before it on this connection are
 * answered: the refusal must not be taken for the answer to one of them.
 */
export function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex, connections: Connections): void {
  const connection = connections.of(socket)
  if (!connection || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  connection.breakOff(() => {
    const { status, reason, message } = described(error)
    const { body } = refusal(new AwsError('SerializationException', message))
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: ${requestId()}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    setTimeout(() => socket.destroy(), LINGER).unref()
  })
}

function described(error: NodeJS.ErrnoException): { status: number; reason: string; message: string } {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, reason: 'Request Timeout', message: 'The request did not come to its end in time' }
  }
  const message =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? `The URL and the headers of a request have at most ${MAX_HEADER_BYTES} bytes together`
      : `The request is not of HTTP/1.1: ${(error as { reason?: string }).reason ?? error.message}`
  return { status: 400, reason: 'Bad Request', message }
}
