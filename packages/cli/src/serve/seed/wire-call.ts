/** Runs operations of DynamoDB's protocol on a store in this process, in the same way as the server. */
import type { EmbeddedStore } from 'partita/embedded'
import { requestHandler } from 'partita/wire'
import { BadInput, CommandFailure } from '../../failure.js'

/**
 * @param input the operation's input, as JSON.
 * @returns its output.
 * @throws BadInput with AWS's message if the input is refused; CommandFailure if the store fails.
 */
export type WireCall = (operation: string, input: string) => Promise<Readonly<Record<string, unknown>>>

/** A {@link WireCall} that runs operations on the store. The region is used in ARNs. */
export function wireCall(store: EmbeddedStore, region: string): WireCall {
  const handler = requestHandler(store, { region })
  return async (operation, input) => {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` }
    const { response } = await handler.handle({ headers, body: input })
    const output = JSON.parse(Buffer.from(response.body).toString() || '{}')
    if (response.statusCode === 200) return output
    // AWS gives no message for a request that cannot be parsed.
    const message = String(output.message || output.Message || `it is not an input of ${operation}`)
    if (response.statusCode < 500) throw new BadInput(message)
    throw new CommandFailure('Unavailable', message, 1)
  }
}
