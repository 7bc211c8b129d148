/** Answers input that is not a valid request, and requests that do not end in time. */
import type { Duplex } from 'node:stream'
import { setTimeout } from '../../store/timers.js'
import { refusal } from '../dispatch.js'
import { AwsError } from '../protocol/aws-error.js'
import type { Connections } from './connections.js'
import { requestId } from './request-id.js'

/** Maximum bytes of the first line and the headers of a request together. */
export const MAX_HEADER_BYTES = 16 * 1024
/** Milliseconds that a client has to read its refusal. Closing at once with unread bytes would reset the connection. */
const LINGER = 1000

/**
 * Answers an error of Node's parser and closes the connection, after the earlier requests of this connection are
 * answered. Otherwise the client could mistake the refusal for the answer to one of them.
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
    return { status: 408, reason: 'Request Timeout', message: 'The request did not end in time' }
  }
  const message =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? `The URL and the headers of a request have at most ${MAX_HEADER_BYTES} bytes together`
      : `The request is not valid HTTP/1.1: ${(error as { reason?: string }).reason ?? error.message}`
  return { status: 400, reason: 'Bad Request', message }
}
