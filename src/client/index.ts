import type { Elysia } from 'elysia'
import type { App as Service } from '../app'

/** How Elysia types the 422 of routes whose requests it might validate; this service never sends it. */
interface ElysiaProblem {
  type: 'validation'
}

type Responses<R> = {
  [Status in keyof R as R[Status] extends ElysiaProblem ? never : Status]: R[Status]
} & {}

type Route<R> = { [Part in keyof R]: Part extends 'response' ? Responses<R[Part]> : R[Part] } & {}

/**
 * Routes with the responses that are really sent. `& {}` here and above makes the compiler expand each type.
 */
type Routes<Tree> = {
  [K in keyof Tree]: Tree[K] extends { response: object } ? Route<Tree[K]> : Routes<Tree[K]>
} & {}

declare const routesOf: <Tree>() => Routes<Tree>

const routes = routesOf<Pick<Service['~Routes'], 'api' | 'health'>>()

/** The type of the service for Eden's `treaty`: its routes and nothing else. */
export type App = Elysia & { '~Routes': typeof routes }
