/** CPU time and memory of a server's process. Only Linux reports them. */
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'

export class ServerProcess {
  readonly #pid: number

  /** @param pid the process of the server, or of a program that only started it. */
  constructor(pid: number) {
    this.#pid = (platform() === 'linux' && childOf(pid)) || pid
  }

  /** CPU time of all its threads, in microseconds; undefined if the system does not report it. */
  cpu(): number | undefined {
    if (platform() !== 'linux') return undefined
    const threads = `/proc/${this.#pid}/task`
    return readdirSync(threads).reduce((sum, thread) => sum + threadCpu(`${threads}/${thread}/schedstat`), 0)
  }

  /** Resident memory in bytes; undefined if the system does not report it. */
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
    // The thread ended after the list was read.
    return 0
  }
}
