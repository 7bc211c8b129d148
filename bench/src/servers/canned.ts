/** Starts servers with canned responses. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../folder.js'
import type { CannedAnswers } from '../mappers/recording.js'

/** @returns the URLs of the servers, in the order of their responses, and a function that ends them. */
export function startCanned(
  answers: readonly CannedAnswers[],
): Promise<{ readonly urls: readonly string[]; stop(): void }> {
  const file = join(temporaryFolder(), 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  const program = fileURLToPath(new URL('run-canned.js', import.meta.url))
  const child = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.stdout.once('data', line => resolve({ urls: JSON.parse(String(line)), stop: () => void child.stdin.end() }))
    child.on('error', reject)
    child.on('exit', code => reject(new Error(`The servers ended with code ${code}`)))
  })
}
