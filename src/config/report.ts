import type { Variable } from './environment'

/** Notes what is wrong with a variable, in words that do not hold its value. */
export type Report = (variable: Variable, message: string) => void
