import type { CallToolResult } from '@modelcontextprotocol/server'
import type { TObject } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { Value } from '@sinclair/typebox/value'
import { NotFound, type Problem, sentenceOf, Unavailable, type ValueProblem } from '../errors'
import { toProblem } from '../http/error-handler'
import { explain as explainErrors } from '../schemas/explain'
import type { Tasks, Tool } from './tool'

export interface Caller {
  userId: string
  /** Notes for the log which tool is called, whether it returned an error, and what is not the caller's fault. */
  note(tool: string, hasFailed?: boolean): void
  fail(error: unknown): void
}

type Arguments = Record<string, unknown>

/** The text of an error is all that an assistant shows its model. */
const failure = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true })

const describeProblems = (problems: readonly ValueProblem[]) =>
  `The arguments are not valid: ${problems.map((problem) => sentenceOf(problem, 'the arguments')).join('; ')}.`

const explain = (problem: Problem, { unknownOutcome }: Tool) => {
  if (problem instanceof NotFound) return `${problem.detail} Call list_tasks to see the tasks that exist.`
  if (unknownOutcome === undefined || problem.status < 500) return problem.detail
  const reason = problem instanceof Unavailable ? problem.reason : problem.detail
  return `${reason} The outcome is unknown: ${unknownOutcome}. Call list_tasks to see what is stored before you try again.`
}

/** Prepares a tool: the function that checks arguments, runs it and turns what it throws into a result. */
const prepare = (tool: Tool) => {
  const { input, rule, run } = tool
  // Compiled on first use, so that the first request does not wait for all of them.
  let compiled: TypeCheck<TObject> | undefined
  const fields = Object.keys(input.properties)
  /** The arguments that the tool declares. Others are ignored, as unknown fields of a body are. */
  const select = (given: Arguments): Arguments =>
    Object.fromEntries(fields.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])))

  return async (tasks: Tasks, given: Arguments, { fail }: Caller): Promise<CallToolResult> => {
    try {
      compiled ??= TypeCompiler.Compile(input)
      const broken = rule?.(given)
      const problems = [
        ...explainErrors(compiled.Errors(given)),
        ...(broken === undefined ? [] : [{ path: '', message: broken }]),
      ]
      if (problems.length > 0) return failure(describeProblems(problems))
      const structuredContent = await run(tasks, Value.Decode(input, select(given)))
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500) fail(error)
      return failure(explain(problem, tool))
    }
  }
}

/** The function that calls a tool by name; it returns undefined if there is none of that name. */
export const createToolCaller = (tools: readonly Tool[], tasksOf: (userId: string) => Tasks) => {
  const prepared = new Map(tools.map((tool) => [tool.name, prepare(tool)]))
  return async (name: string, given: Arguments, caller: Caller): Promise<CallToolResult | undefined> => {
    const run = prepared.get(name)
    if (!run) return undefined
    caller.note(name)
    const result = await run(tasksOf(caller.userId), given, caller)
    caller.note(name, result.isError === true)
    return result
  }
}
