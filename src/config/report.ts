import type { Variable } from './environment'

/** Reports a problem with a variable, without revealing its value. */
export type Report = (variable: Variable, message: string) => void
