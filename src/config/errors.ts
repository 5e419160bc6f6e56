import { exampleOf, type Variable } from './environment'

export interface VariableProblem {
  variable: Variable
  /** The problem, without the value. */
  message: string
}

/** The environment cannot be used. Its message names every problem, one per line. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError'
  constructor(readonly problems: readonly VariableProblem[]) {
    const lines = problems.map(
      ({ variable, message }) => `  ${variable} ${message} (for example ${variable}=${exampleOf(variable)})`,
    )
    super(['The environment is incomplete or invalid:', ...lines].join('\n'))
  }
}
