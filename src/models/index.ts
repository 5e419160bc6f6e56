import { defineConversations } from './conversation'
import type { Dialect } from './dialects/postgres'
import { defineMessages } from './message'
import { defineTasks } from './task'

/** The tables of the service in one dialect. */
export const defineModels = (dialect: Dialect) => {
  const conversations = defineConversations(dialect)
  return {
    conversations,
    messages: defineMessages(dialect, conversations),
    tasks: defineTasks(dialect),
  }
}

export type Models = ReturnType<typeof defineModels>
