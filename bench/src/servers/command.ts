/** The servers' own commands, started directly as a user would. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { programFolder } from '../folder.js'

export interface ServerCommand {
  readonly name: string
  /** The command line for a port. Throws if the server cannot run here. */
  at(port: number): readonly string[]
}

type CommandFor = (port: number) => string[]

const { resolve } = createRequire(import.meta.url)
const pathOf = (url: string) => fileURLToPath(new URL(url, import.meta.url))

export async function serverCommands(): Promise<ServerCommand[]> {
  const { href } = new URL('../../../test/servers/dynamodb-local.mjs', import.meta.url)
  const { dynamodbLocalCommand } = (await import(href)) as { readonly dynamodbLocalCommand: CommandFor }
  const command = pathOf('../../../packages/cli/bin/partita.js')
  const empty = pathOf('./run-empty.js')
  return [
    { name: 'partita serve', at: port => [process.execPath, command, 'serve', '--memory', '--port', `${port}`] },
    { name: 'DynamoDB Local', at: port => compiled(dynamodbLocalCommand(port)) },
    { name: 'dynalite', at: port => [process.execPath, resolve('dynalite/cli.js'), '--port', `${port}`] },
    {
      name: 'dynoxide',
      at: port => [resolve('@dynoxide/linux-x64/dynoxide'), 'serve', '--host', '127.0.0.1', '--port', `${port}`],
    },
    { name: 'empty node:http', at: port => [process.execPath, empty, '--port', `${port}`] },
  ]
}

/** Compiles the Java source of a command in advance, so that compiling is not part of the start. */
function compiled(command: readonly string[]): string[] {
  const index = command.findIndex(it => it.endsWith('.java'))
  const source = command[index] as string
  const libraries = command[index - 1] as string
  const classes = programFolder('dynamodb-local')
  const { status, stderr } = spawnSync('javac', ['-cp', libraries, '-d', classes, source], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`it does not compile: ${stderr}`)
  const main = source.slice(source.lastIndexOf('/') + 1, -'.java'.length)
  return [...command.slice(0, index - 1), `${classes}:${libraries}`, main, ...command.slice(index + 1)]
}
