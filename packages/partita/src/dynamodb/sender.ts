/** Sends commands through the SDK: its errors become ours, and closing waits for what is under way. */
import type {
  $Command,
  DynamoDBClient,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb'
import { Unavailable } from '../errors.js'
import { type Pace, realPace } from '../store/retry.js'
import { UnderWay } from '../store/under-way.js'
import { clientOf, type DynamoDBOptions } from './client.js'
import { type Attempted, toPartitaError } from './errors.js'

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  DynamoDBClientResolvedConfig
>

export class Sender {
  readonly pace: Pace
  readonly #client: DynamoDBClient
  readonly #owned: boolean
  readonly #underWay = new UnderWay()
  #closing: Promise<void> | undefined

  constructor(options: DynamoDBOptions) {
    const { client, owned } = clientOf(options)
    this.#client = client
    this.#owned = owned
    this.pace = options.pace ?? realPace
  }

  /** @throws PartitaError: whatever the SDK throws, in our terms. */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    attempted: Attempted,
  ): Promise<Output> {
    try {
      return await this.#client.send(command)
    } catch (error) {
      throw toPartitaError(error, attempted)
    }
  }

  /**
   * One call of the contract, which may send several commands and wait between them.
   * @param explain finds what to throw in the place of an error.
   * @throws Unavailable once the store is closed.
   */
  async run<T>(call: () => Promise<T>, explain?: (error: unknown) => Promise<unknown>): Promise<T> {
    if (this.#closing) throw new Unavailable('The store is closed', {})
    this.#underWay.begin()
    try {
      return await call()
    } catch (error) {
      throw explain ? await explain(error) : error
    } finally {
      this.#underWay.end()
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#underWay.ended().then(() => {
      if (this.#owned) this.#client.destroy()
    })
    return this.#closing
  }
}
