#!/usr/bin/env node
// Stands in the repository, since npm links only commands that are there when it installs, and the build comes later.
import '../dist/main.js'
