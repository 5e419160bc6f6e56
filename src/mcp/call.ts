import type { CallToolResult } from '@modelcontextprotocol/server'
import { NotFound, type Problem, Unavailable } from '../errors'
import { report, toProblem } from '../http/error-handler'
import type { ToolCall } from '../http/request-observer'
import type { Log } from '../log'
import { createCheck, type SchemaProblem } from '../schemas/check'
import { isRefined } from '../schemas/refine'
import type { Tasks, Tool } from './tool'

export interface Caller {
  userId: string
  requestId: string
  call: ToolCall
}

type Arguments = Record<string, unknown>

/** The text of an error is all that an assistant shows its model. */
const failure = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true })

const sentenceOf = ({ path, message }: SchemaProblem) => `${path.slice(1) || 'the arguments'} ${message}`

const describeProblems = (problems: readonly SchemaProblem[]) =>
  `The arguments are not valid: ${problems.map(sentenceOf).join('; ')}.`

const explain = (problem: Problem, { unknownOutcome }: Tool) => {
  if (problem instanceof NotFound) return `${problem.detail} Call list_tasks to see the tasks that exist.`
  if (unknownOutcome === undefined || problem.status < 500) return problem.detail
  const reason = problem instanceof Unavailable ? problem.reason : problem.detail
  return `${reason} The outcome is unknown: ${unknownOutcome}. Call list_tasks to see what is stored before you try again.`
}

/** Prepares a tool: the function that checks arguments, runs it and turns what it throws into a result. */
const prepare = (tool: Tool, log: Log) => {
  const { name, input, rule, run } = tool
  const check = createCheck(input)
  const fields = Object.entries(input.properties)
  /** Decodes the arguments that the tool declares. Others are ignored, as unknown fields of a body are. */
  const decodeArguments = (given: Arguments): Arguments =>
    Object.fromEntries(
      fields.flatMap(([name, field]) => {
        const value = given[name]
        if (value === undefined) return []
        return [[name, isRefined(field) && field.decode ? field.decode(String(value)) : value]]
      }),
    )

  return async (tasks: Tasks, given: Arguments, { requestId }: Caller): Promise<CallToolResult> => {
    try {
      const broken = rule?.(given)
      const problems = [...check(given), ...(broken === undefined ? [] : [{ path: '', message: broken }])]
      if (problems.length > 0) return failure(describeProblems(problems))
      const structuredContent = await run(tasks, decodeArguments(given))
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500)
        report(log, error, { method: 'POST', path: '/mcp', tool: name, request_id: requestId })
      return failure(explain(problem, tool))
    }
  }
}

/** The function that calls a tool by name; it returns undefined if there is none of that name. */
export const createToolCaller = (tools: readonly Tool[], tasksOf: (userId: string) => Tasks, log: Log) => {
  const prepared = new Map(tools.map((tool) => [tool.name, prepare(tool, log)]))
  return async (name: string, given: Arguments, caller: Caller): Promise<CallToolResult | undefined> => {
    const run = prepared.get(name)
    if (!run) return undefined
    caller.call.tool = name
    const result = await run(tasksOf(caller.userId), given, caller)
    caller.call.failed = result.isError === true
    return result
  }
}
