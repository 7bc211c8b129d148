/** Runs a command: its session and transaction, its handler, and the answer, which is an error or not. */
import { type Document, Int32, type Long } from 'mongodb'
import { collectionCommands } from './commands/collections.js'
import type { Call, Handler, State } from './commands/context.js'
import { readCommands } from './commands/reads.js'
import { sessionCommands } from './commands/sessions.js'
import { writeCommands } from './commands/writes.js'
import { codeName, errorLabels, failed, ServerError } from './errors.js'
import type { Session } from './storage/sessions.js'
import { LATEST } from './storage/transaction.js'

const COMMANDS: Readonly<Record<string, Handler>> = {
  ...readCommands,
  ...writeCommands,
  ...collectionCommands,
  ...sessionCommands,
}

const ENDS = ['commitTransaction', 'abortTransaction']

/** The part that a command has in a transaction or a retryable write. */
type Within = NonNullable<Parameters<typeof errorLabels>[1]>

export function commandName(command: Document): string {
  return Object.keys(command).find(name => name !== '$db') as string
}

/** Whether a command is a statement of a transaction, its commit, or a write that may be sent twice. */
export function within(command: Document): Within | undefined {
  if (command.txnNumber === undefined) return undefined
  if (commandName(command) === 'commitTransaction') return 'commit'
  return command.autocommit === false ? 'transaction' : 'retryable'
}

/** Whether a command repeats a write or a commit that is done. The server knows that before anything else can fail. */
export function isRepeated({ sessions }: State, command: Document): boolean {
  const part = within(command)
  if (command.lsid === undefined || (part !== 'retryable' && part !== 'commit')) return false
  return sessions.get(command.lsid).isDone((command.txnNumber as Long).toBigInt())
}

/** The answer to a command; it never rejects with an error of the command. */
export async function dispatch(state: State, command: Document, end: number): Promise<Document> {
  const session = command.lsid === undefined ? undefined : state.sessions.get(command.lsid)
  const part = within(command)
  try {
    const reply = await run(state, command, end, session, part)
    // A transaction does not survive the failure of one of its statements.
    if (part === 'transaction' && reply.writeErrors) session?.abort()
    return { ...reply, ok: 1 }
  } catch (error) {
    if (part === 'transaction' && !(error instanceof ServerError && error.code === 251)) session?.abort()
    return errorReply(error, part)
  }
}

/** The answer of an error. */
export function errorReply(error: unknown, part: Within | undefined, labels?: readonly string[]): Document {
  const { code, message, details } = error instanceof ServerError ? error : failed(1, String((error as Error)?.stack))
  const added = labels ?? errorLabels(code, part)
  return {
    ok: 0,
    errmsg: message,
    code: new Int32(code),
    codeName: codeName(code),
    ...details,
    ...(added.length > 0 && { errorLabels: added }),
  }
}

async function run(
  state: State,
  command: Document,
  end: number,
  session: Session | undefined,
  part: Within | undefined,
): Promise<Document> {
  const name = commandName(command)
  const handler = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!handler) throw failed(59, `no such command: '${name}'`)
  const call = { state, command, database: String(command.$db), session, end }
  if (part === undefined || !session) return handler({ ...call, view: LATEST })
  if (!state.isReplicaSet) throw failed(20, 'Transaction numbers are only allowed on a replica set member or mongos')
  const number = (command.txnNumber as Long).toBigInt()
  if (part === 'retryable') return once(session, number, handler, { ...call, view: LATEST })
  if (ENDS.includes(name)) return handler({ ...call, view: LATEST })
  if (Object.hasOwn(collectionCommands, name))
    throw failed(263, `Cannot run command '${name}' in a multi-document transaction`)
  return handler({ ...call, view: session.statement(number, command.startTransaction === true) })
}

/** A retryable write runs once: the same number gets the same answer. */
async function once(session: Session, number: bigint, handler: Handler, call: Call): Promise<Document> {
  const known = session.answered(number)
  if (known) return known
  const reply = await handler(call)
  session.remember(reply)
  return reply
}
