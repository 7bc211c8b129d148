import { connect, f, model } from 'partita'

const Note = model('Note', { fields: { id: f.string(), text: f.string() }, key: 'id' })

export async function GET() {
  const db = await connect({ models: { Note }, store: 'embedded:./notes' })
  await db.Note.put({ id: '1', text: 'in a folder' })
  const note = await db.Note.get({ id: '1' })
  await db.close()
  return Response.json(note)
}
