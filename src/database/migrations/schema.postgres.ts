import { defineModels } from '../../models'
import { postgres } from '../dialects/postgres'

export const { tasks, conversations, messages } = defineModels(postgres)
