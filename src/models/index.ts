import { defineConversations } from './conversation'
import type { Dialect } from './dialects/postgres'
import { defineMessages } from './message'
import { defineTasks } from './task'

/** The tables of the service in one dialect. */
export const defineModels = (dialect: Dialect) => {
  const tasks = defineTasks(dialect)
  const conversations = defineConversations(dialect)
  const messages = defineMessages(dialect, conversations)
  return { tasks, conversations, messages }
}

export type Models = ReturnType<typeof defineModels>
