/** The schemas of the README of goodies, typed in. */
import { Schema } from 'mongoose'
import { goodies } from 'partita/mongoose'
import { expect, it } from 'vitest'
import { describeOnMongo, ready, refused } from './programs.js'

const uuid = 'UUID'
const string = String
const ids = Array.from({ length: 9 }, (_, i) => `00000000-0000-4000-8000-00000000000${i}`) as readonly string[]
const [ann, ben, eve] = ids as [string, string, string]

describeOnMongo('the README', start => {
  it('a document belongs to a project that belongs to a workspace that its user can access', async () => {
    const program = await start()
    const { mongoose, connection, commands } = program
    mongoose.plugin(goodies)
    const Workspace = connection.model(
      'Workspace',
      new Schema({ userRoles: [{ userId: uuid, role: string }], deletedAt: Date }),
    )
    const Project = connection.model('Project', new Schema({ workspaceId: Schema.Types.ObjectId, deletedAt: Date }))
    const Document = connection.model(
      'Document',
      new Schema({
        projectId: Schema.Types.ObjectId,
        userId: {
          type: uuid,
          goodiesForeignConstraints: `
            Project(@projectId)._id
            ->Workspace(@workspaceId)._id
            ->userRoles.userId
          `,
        },
      }),
    )
    await ready(program)
    const workspace = await Workspace.create({ userRoles: [{ userId: ann, role: 'owner' }, { userId: ben }] })
    const project = await Project.create({ workspaceId: workspace._id })
    commands.length = 0
    const document = await Document.create({ projectId: project._id, userId: ben })
    expect(commands.map(({ name, collection }) => `${name} ${collection}`)).toEqual([
      'find projects',
      'find workspaces',
      'insert documents',
    ])

    document.userId = eve as never
    expect(await refused(document.save())).toEqual({ userId: expect.stringContaining('is not among the values of') })
    project.set('deletedAt', new Date())
    await project.save()
    document.userId = ann as never
    expect(await refused(document.save())).toHaveProperty('userId')
  })

  it('a user that is a member cannot be invited', async () => {
    const program = await start()
    const { mongoose, connection, commands } = program
    mongoose.plugin(goodies)
    const User = connection.model('User', new Schema({ _id: uuid, email: string, deletedAt: Date }))
    const Team = connection.model(
      'Team',
      new Schema({
        confirmedMemberUserIds: {
          type: [uuid],
        },
        invitedEmails: {
          type: [string],
          goodiesLimitByReference: 'User(confirmedMemberUserIds)._id->email',
        },
      }),
    )
    await ready(program)
    await User.create([
      { _id: ann, email: 'ann@example.com' },
      { _id: ben, email: null },
    ])
    commands.length = 0
    const team = await Team.create({ confirmedMemberUserIds: [ann, ann, ben], invitedEmails: ['eve@example.com'] })
    expect(commands.filter(({ name }) => name === 'find')).toHaveLength(1)

    team.invitedEmails = ['eve@example.com', 'dan@example.com', 'ann@example.com']
    expect(await refused(team.save())).toEqual({ 'invitedEmails.2': expect.stringContaining('is among the values of') })
    await User.collection.updateOne({ email: 'ann@example.com' }, { $set: { deletedAt: new Date() } })
    await team.save()
  })
})
