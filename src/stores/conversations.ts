import type { Database } from '../database'
import { NotFound } from '../errors'
import { Conversation } from '../models/conversation'
import { prepareRows } from './rows'

export const conversationNotFound = () => new NotFound('This conversation')

/** Prepares the statements on conversations; what it returns binds them to one user. */
export const createConversationStore = (database: Database) => {
  const { conversations } = database.models
  const rowsOf = prepareRows(database, { table: conversations, row: Conversation, order: 'newest first' })

  return (userId: string) => {
    const { list, find, add, remove } = rowsOf(userId)
    return { list, find, add: () => add({}), remove }
  }
}
