/** A blog with users, posts, tags and comments in one table, based on the published patterns for SingleTable. */
import type { AppTable } from './set-up.js'

export interface User {
  userId: string
  username: string
  email: string
  name: string
  bio?: string
  avatarUrl?: string
  createdAt: string
  updatedAt?: string
  postCount: number
}

export interface Post {
  postId: string
  userId: string
  title: string
  content: string
  status: 'draft' | 'published' | 'archived'
  tags: string[]
  viewCount: number
  createdAt: string
  updatedAt?: string
}

export interface Comment {
  commentId: string
  postId: string
  userId: string
  username: string
  content: string
  createdAt: string
}

export interface Tag {
  tag: string
  postId: string
  postTitle: string
  createdAt: string
}

export class UserService {
  constructor(private readonly table: AppTable) {}

  async createUser(input: { username: string; email: string; name: string }): Promise<User> {
    const userId = generateId()
    const now = new Date().toISOString()
    const user: User = {
      userId,
      username: input.username,
      email: input.email,
      name: input.name,
      createdAt: now,
      postCount: 0,
    }
    await this.table.create({
      key: { partitionKey: ['USER', userId], rangeKey: '#METADATA' },
      item: user,
      type: 'USER',
      indexes: {
        GSI1: { partitionKey: ['EMAIL', input.email], rangeKey: now },
        GSI2: { partitionKey: ['USERNAME', input.username], rangeKey: now },
      },
    })
    return user
  }

  async getUserById(userId: string): Promise<User | null> {
    const user = await this.table.get<User>({
      partitionKey: ['USER', userId],
      rangeKey: '#METADATA',
      consistentRead: true,
    })
    return user || null
  }

  async getUserByEmail(email: string): Promise<User | null> {
    const { items } = await this.table.query<User>({ partition: ['EMAIL', email], index: 'GSI1', limit: 1 })
    return items[0] || null
  }

  async getUserByUsername(username: string): Promise<User | null> {
    const { items } = await this.table.query<User>({ partition: ['USERNAME', username], index: 'GSI2', limit: 1 })
    return items[0] || null
  }

  async updateUser(userId: string, updates: Partial<Pick<User, 'name' | 'bio' | 'avatarUrl'>>): Promise<void> {
    await this.table.update({
      partitionKey: ['USER', userId],
      rangeKey: '#METADATA',
      values: { ...updates, updatedAt: new Date().toISOString() },
    })
  }

  async incrementPostCount(userId: string): Promise<void> {
    await this.table.update({
      partitionKey: ['USER', userId],
      rangeKey: '#METADATA',
      atomicOperations: [{ operation: 'add', property: 'postCount', value: 1 }],
    })
  }
}

export class PostService {
  constructor(private readonly table: AppTable) {}

  async createPost(input: {
    userId: string
    username: string
    title: string
    content: string
    tags?: string[]
  }): Promise<Post> {
    const postId = generateId()
    const now = new Date().toISOString()
    const post: Post = {
      postId,
      userId: input.userId,
      title: input.title,
      content: input.content,
      status: 'draft',
      tags: input.tags || [],
      viewCount: 0,
      createdAt: now,
    }
    const transactionItems = [
      {
        create: {
          key: { partitionKey: ['USER', input.userId], rangeKey: ['POST', postId] },
          item: post,
          type: 'POST',
          indexes: { GSI1: { partitionKey: ['POST', postId], rangeKey: now } },
        },
      },
      {
        update: {
          partitionKey: ['USER', input.userId],
          rangeKey: '#METADATA',
          atomicOperations: [{ operation: 'add', property: 'postCount', value: 1 }],
        },
      },
      ...(input.tags || []).map(tag => ({
        create: {
          key: { partitionKey: ['TAG', tag], rangeKey: ['POST', postId] },
          item: { tag, postId, postTitle: input.title, createdAt: now } as Tag,
          type: 'TAG',
        },
      })),
    ]
    await this.table.transaction(transactionItems)
    return post
  }

  async getPost(postId: string): Promise<Post | null> {
    const { items } = await this.table.query<Post>({ partition: ['POST', postId], index: 'GSI1', limit: 1 })
    return items[0] || null
  }

  async getUserPosts(userId: string, limit = 20): Promise<Post[]> {
    const { items } = await this.table.query<Post>({
      partition: ['USER', userId],
      range: { value: 'POST#', operation: 'begins_with' },
      retrieveOrder: 'DESC',
      limit,
    })
    return items
  }

  async publishPost(postId: string, userId: string): Promise<void> {
    await this.table.update({
      partitionKey: ['USER', userId],
      rangeKey: ['POST', postId],
      values: { status: 'published' as const, updatedAt: new Date().toISOString() },
      conditions: [{ operation: 'equal', property: 'status', value: 'draft' }],
    })
  }

  async incrementViewCount(postId: string, userId: string): Promise<number> {
    const result = await this.table.update({
      partitionKey: ['USER', userId],
      rangeKey: ['POST', postId],
      atomicOperations: [{ operation: 'add', property: 'viewCount', value: 1 }],
      returnUpdatedProperties: true,
    })
    return result?.viewCount || 0
  }

  async getPostsByTag(tag: string, limit = 20): Promise<Tag[]> {
    const { items } = await this.table.query<Tag>({
      partition: ['TAG', tag],
      range: { value: 'POST#', operation: 'begins_with' },
      retrieveOrder: 'DESC',
      limit,
    })
    return items
  }
}

export class CommentService {
  constructor(private readonly table: AppTable) {}

  async addComment(input: { postId: string; userId: string; username: string; content: string }): Promise<Comment> {
    const commentId = generateId()
    const now = new Date().toISOString()
    const comment: Comment = {
      commentId,
      postId: input.postId,
      userId: input.userId,
      username: input.username,
      content: input.content,
      createdAt: now,
    }
    await this.table.create({
      key: { partitionKey: ['POST', input.postId], rangeKey: ['COMMENT', commentId] },
      item: comment,
      type: 'COMMENT',
      indexes: { GSI1: { partitionKey: ['USER', input.userId], rangeKey: ['COMMENT', now] } },
    })
    return comment
  }

  async getPostComments(postId: string, limit = 50): Promise<Comment[]> {
    const { items } = await this.table.query<Comment>({
      partition: ['POST', postId],
      range: { value: 'COMMENT#', operation: 'begins_with' },
      retrieveOrder: 'ASC',
      limit,
    })
    return items
  }

  async getUserComments(userId: string, limit = 50): Promise<Comment[]> {
    const { items } = await this.table.query<Comment>({
      partition: ['USER', userId],
      range: { value: 'COMMENT#', operation: 'begins_with' },
      index: 'GSI1',
      retrieveOrder: 'DESC',
      limit,
    })
    return items
  }

  async deleteComment(postId: string, commentId: string, userId: string): Promise<void> {
    await this.table.delete({
      partitionKey: ['POST', postId],
      rangeKey: ['COMMENT', commentId],
      conditions: [{ operation: 'equal', property: 'userId', value: userId }],
    })
  }
}

let made = 0

/** Ids sort in the order of creation. */
function generateId(): string {
  return `${Date.now()}-${String(made++).padStart(6, '0')}`
}
