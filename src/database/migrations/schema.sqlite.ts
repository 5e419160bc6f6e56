import { defineModels } from '../../models'
import { sqlite } from '../dialects/sqlite'

export const { tasks, conversations, messages } = defineModels(sqlite)
