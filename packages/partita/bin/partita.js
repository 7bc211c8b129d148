#!/usr/bin/env node
// Starts the command of @partita/cli, where it is installed. In the repository and not only in the build, because npm links
// only commands that exist when it installs.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * Finds the command beside this package. The path of this process is also searched: with pnpm it leads to the project, while
 * this file is in a store where packages see only their dependencies.
 */
function findCommand() {
  for (const from of [import.meta.url, process.argv[1]]) {
    try {
      return createRequire(from).resolve('@partita/cli/bin/partita.js')
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}

const command = findCommand()
if (command) await import(pathToFileURL(command))
else {
  console.error(
    'error: the command partita is in the package @partita/cli, which is not installed here; run npm install @partita/cli, or npx @partita/cli',
  )
  process.exitCode = 1
}
