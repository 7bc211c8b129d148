/** The servers' own commands, as who uses them starts them: without a program around them that waits for them. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { programFolder } from '../folder.js'

export interface ServerCommand {
  readonly name: string
  /** The command line that serves at this port. Throws where the server cannot be run here. */
  at(port: number): readonly string[]
}

type CommandFor = (port: number) => string[]

const { resolve } = createRequire(import.meta.url)
const pathOf = (url: string) => fileURLToPath(new URL(url, import.meta.url))

export async function serverCommands(): Promise<ServerCommand[]> {
  const { href } = new URL('../../../test/servers/dynamodb-local.mjs', import.meta.url)
  const { dynamodbLocalCommand } = (await import(href)) as { readonly dynamodbLocalCommand: CommandFor }
  const command = pathOf('../../../packages/cli/dist/main.js')
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

/** A command that runs Java from its source, which is compiled now: that is not part of a start. */
function compiled(command: readonly string[]): string[] {
  const place = command.findIndex(it => it.endsWith('.java'))
  const source = command[place] as string
  const libraries = command[place - 1] as string
  const classes = programFolder('dynamodb-local')
  const { status, stderr } = spawnSync('javac', ['-cp', libraries, '-d', classes, source], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`it could not be compiled: ${stderr}`)
  const main = source.slice(source.lastIndexOf('/') + 1, -'.java'.length)
  return [...command.slice(0, place - 1), `${classes}:${libraries}`, main, ...command.slice(place + 1)]
}
