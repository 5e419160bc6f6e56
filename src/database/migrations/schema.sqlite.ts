import { defineModels } from '../../models'
import { sqlite } from '../dialects'

export const { tasks, conversations, messages } = defineModels(sqlite)
