import type { Tool as Declaration } from '@modelcontextprotocol/server'
import { toInputSchema, toOutputSchema } from './json-schema'
import type { Tool } from './tool'

/** How a tool presents itself in tools/list. */
export const declarationOf = ({ name, title, description, input, output, hints }: Tool): Declaration => ({
  name,
  title,
  description,
  inputSchema: toInputSchema(input),
  outputSchema: toOutputSchema(output),
  annotations: { title, ...hints, openWorldHint: false },
})
