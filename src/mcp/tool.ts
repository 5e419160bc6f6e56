import type { Static, TObject } from '@sinclair/typebox'
import type { createTaskStore } from '../stores/tasks'

/** The tasks of one user. */
export type Tasks = ReturnType<ReturnType<typeof createTaskStore>>

/** What a client may assume of a tool: hints of the protocol's tool annotations. */
interface Hints {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
}

interface ToolOptions<I extends TObject> {
  name: string
  title: string
  /** When to use it and what it returns, for the model that chooses among tools. */
  description: string
  input: I
  output: TObject
  hints: Hints
  /** For a tool that writes: what may have happened if a call fails. */
  unknownOutcome?: string
  /** A rule that the schema does not state: the problem if the arguments break it. */
  rule?(given: Record<string, unknown>): string | undefined
  /** The result; throws NotFound if the task does not exist or is not this user's. */
  run(tasks: Tasks, given: Static<I>): Promise<Record<string, unknown>>
}

/** Ties a tool's function to its schema, for types alone. */
export const tool = <I extends TObject>(options: ToolOptions<I>) => options as ToolOptions<TObject>

export type Tool = ReturnType<typeof tool>
