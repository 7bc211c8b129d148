/** The connections of a server, each with how many requests on it wait for their answers. */
import type { Socket } from 'node:net'

export class Connections {
  readonly #waiting = new Map<Socket, number>()

  add(socket: Socket): void {
    this.#waiting.set(socket, 0)
    socket.once('close', () => this.#waiting.delete(socket))
  }

  began(socket: Socket): void {
    this.#change(socket, 1)
  }

  answered(socket: Socket): void {
    this.#change(socket, -1)
  }

  /** Closes those on which no request waits and no answer is still being sent. */
  closeUnused(): void {
    for (const [socket, waiting] of this.#waiting) {
      if (waiting === 0 && socket.writableLength === 0) socket.destroy()
    }
  }

  /** An answer may come after its connection has gone. */
  #change(socket: Socket, by: number): void {
    const waiting = this.#waiting.get(socket)
    if (waiting !== undefined) this.#waiting.set(socket, waiting + by)
  }
}
