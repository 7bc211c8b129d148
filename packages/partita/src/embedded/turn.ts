/** Lets timers and sockets have their turn, in work that would otherwise never end one. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
