/**
 * Runs the commands of a shell script in one process, in the current folder: calls of `partita`, `export NAME=value`, and
 * `cat > file` with a here-document. Prints [{ line, code, stdout, stderr }] as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { run } from '../../../packages/cli/dist/program.js'
import { Output } from '../../../packages/cli/dist/terminal/output.js'

const lines = readFileSync(0, 'utf8').split('\n')
const outcomes = []
while (lines.length > 0) {
  const line = lines.shift().trim()
  const words = (line.match(/'[^']*'|\S+/g) ?? []).map(word => word.replace(/^'(.*)'$/, '$1'))
  const [command, ...args] = words
  if (command === 'export') {
    for (const arg of args) process.env[arg.slice(0, arg.indexOf('='))] = arg.slice(arg.indexOf('=') + 1)
  } else if (command === 'cat') {
    const [, file, ending] = args
    const end = lines.indexOf(ending.slice(2).replaceAll("'", ''))
    writeFileSync(file, `${lines.splice(0, end).join('\n')}\n`)
    lines.shift()
  } else if (command === 'partita') {
    const redirect = args.indexOf('>')
    const outcome = await call(redirect < 0 ? args : args.slice(0, redirect))
    if (redirect >= 0) writeFileSync(args[redirect + 1], outcome.stdout)
    outcomes.push({ line, ...outcome })
  } else if (command !== undefined) throw new Error(`cannot run ${line}`)
}
process.stdout.write(JSON.stringify(outcomes))

async function call(args) {
  const streams = [new PassThrough(), new PassThrough(), new PassThrough()]
  const [input, data, screen] = streams
  input.end()
  let [stdout, stderr] = ['', '']
  data.on('data', text => {
    stdout += text
  })
  screen.on('data', text => {
    stderr += text
  })
  const code = await run(args, { input, screen, output: new Output(data, screen) })
  return { code, stdout, stderr }
}
