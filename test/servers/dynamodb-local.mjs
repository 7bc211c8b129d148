/** Where AWS's DynamoDB Local comes from and how it is run. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const VERSION = '3.1.0'

/** Folder of the jars: `PARTITA_DYNAMODB_LOCAL`, else a cache in the repository. */
const folder = process.env.PARTITA_DYNAMODB_LOCAL ?? join(here, '../../.cache/dynamodb-local', VERSION)

/**
 * The command that serves DynamoDB Local at this port, in memory. Fetches the jars first where they are missing:
 * 48 MB from Maven Central, once.
 * @throws Error saying what to install when Java or Maven is missing or too old.
 */
export function dynamodbLocalCommand(port) {
  requireJava()
  if (!existsSync(folder)) fetchJars()
  const memory = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const classes = [`-Djava.library.path=${folder}`, '-cp', join(folder, '*')]
  const server = [join(here, 'LoopbackDynamoDBLocal.java'), '-inMemory', '-disableTelemetry', '-port', `${port}`]
  return ['java', ...memory, ...classes, ...server]
}

function requireJava() {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1])
  if (error || !(version >= 17)) {
    throw new Error(`DynamoDB Local needs a JDK, version 17 or newer; found ${error ? 'none' : `Java ${version}`}`)
  }
}

/** Fetches into a folder beside the cache and renames it, so that a fetch cut short leaves no half a cache. */
function fetchJars() {
  mkdirSync(dirname(folder), { recursive: true })
  const incoming = mkdtempSync(`${folder}-incoming-`)
  try {
    console.error(`Fetching DynamoDB Local ${VERSION} (48 MB, once) into ${folder}`)
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${incoming}`]
    const { error, status, stdout } = spawnSync('mvn', ['-q', '-B', '-f', join(here, 'pom.xml'), ...goal], {
      encoding: 'utf8',
    })
    if (error) throw new Error('DynamoDB Local is fetched by Maven, and `mvn` cannot be run', { cause: error })
    if (status !== 0) throw new Error(`Maven could not fetch DynamoDB Local: ${stdout.slice(0, 2000)}`)
    renameSync(incoming, folder)
  } catch (error) {
    // Another run may have fetched the same jars in the meantime.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(incoming, { recursive: true, force: true })
  }
}
