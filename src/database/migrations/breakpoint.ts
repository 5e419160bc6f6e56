/** drizzle-kit's separator between the statements of a migration. */
export const breakpoint = '--> statement-breakpoint'
