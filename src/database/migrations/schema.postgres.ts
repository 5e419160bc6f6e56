import { defineModels } from '../../models'
import { postgres } from '../dialects'

export const { tasks, conversations, messages } = defineModels(postgres)
