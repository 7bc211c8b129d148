/** What a server takes of its machine, as Linux tells it; other systems do not. */
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'

export class ServerProcess {
  readonly #pid: number

  /** @param pid of the server, or of a program that has started it and does nothing more. */
  constructor(pid: number) {
    this.#pid = (platform() === 'linux' && childOf(pid)) || pid
  }

  /** Microseconds of CPU that all its threads have had; undefined where nobody tells. */
  cpu(): number | undefined {
    if (platform() !== 'linux') return undefined
    const threads = `/proc/${this.#pid}/task`
    return readdirSync(threads).reduce((sum, thread) => sum + threadCpu(`${threads}/${thread}/schedstat`), 0)
  }

  /** Bytes of memory that it holds; undefined where nobody tells. */
  memory(): number | undefined {
    if (platform() !== 'linux') return undefined
    const kilobytes = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))
    return Number(kilobytes?.[1]) * 1024
  }
}

function childOf(pid: number): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return child ? Number(child) : undefined
}

function threadCpu(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ', 1)[0]) / 1000
  } catch {
    // A thread that has ended since the list was read.
    return 0
  }
}
