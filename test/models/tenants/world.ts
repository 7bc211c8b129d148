/** The expected rows of one tenant. */
import type { ErrorCode } from '../../../packages/partita/src/errors/errors.js'

/** Ids that all tenants share, so that a key without its tenant collides with one of another tenant. */
export const ids = ['x', 'x#', '%23', 'T#x#', '\u0001 é😀']
export const idOf = (n: number) => ids[n % ids.length] as string

export interface PersonRow {
  readonly personId: string
  readonly email: string
  readonly team?: string
  readonly points: number
}
export interface PostRow {
  readonly board: string
  readonly postId: string
  readonly personId: string
  readonly text: string
}

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

export class World {
  people = new Map<string, PersonRow>()
  readonly posts = new Map<string, PostRow>()
  readonly boards = new Map<string, string>()
  readonly tags = new Map<string, string>()
  readonly taggings = new Map<string, readonly [personId: string, tagId: string]>()

  size(): number {
    return this.people.size + this.posts.size + this.boards.size + this.tags.size + this.taggings.size
  }

  holder(email: string): PersonRow | undefined {
    return [...this.people.values()].find(it => it.email === email)
  }

  /** @returns the row, or the error code of the write. */
  write(row: PersonRow, wanted: 'new' | 'any' | 'there'): PersonRow | ErrorCode {
    const before = this.people.get(row.personId)
    if (wanted === 'new' && before) return 'AlreadyExists'
    if (wanted === 'there' && !before) return 'NotFound'
    const holder = this.holder(row.email)
    if (holder && holder.personId !== row.personId) return 'UniqueViolation'
    this.people.set(row.personId, row)
    return row
  }

  team(team: string): PersonRow[] {
    const rows = [...this.people.values()].filter(it => it.team === team)
    return rows.sort((a, b) => byBytes(a.personId, b.personId))
  }

  board(board: string): PostRow[] {
    const rows = [...this.posts.values()].filter(it => it.board === board)
    return rows.sort((a, b) => byBytes(a.postId, b.postId))
  }

  postsOf(personId: string): PostRow[] {
    const rows = [...this.posts.values()].filter(it => it.personId === personId)
    return rows.sort((a, b) => byBytes(a.board, b.board) || byBytes(a.postId, b.postId))
  }

  tagsOf(personId: string): string[] {
    const taggings = [...this.taggings.values()].filter(it => it[0] === personId && this.tags.has(it[1]))
    return taggings.map(it => it[1]).sort(byBytes)
  }
}
