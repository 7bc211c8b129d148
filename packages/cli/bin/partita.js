#!/usr/bin/env node
// Stands in the repository, since npm links only commands that are there when it installs, and the build comes later.
import nodeModule from 'node:module'

// Keeps compiled code in the folder for temporary files, from Node 22 on; without effect where that cannot be written.
nodeModule.enableCompileCache?.()
// A server is started by tests again and again, so it is bundled: see bundle.mjs.
await import(process.argv[2] === 'serve' ? '../dist/serve.js' : '../dist/main.js')
