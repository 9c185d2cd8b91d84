/** Colours by meaning. Tables take a `Paint`, so that they stay pure and print the same text without one. */
import { Chalk } from 'chalk'

export interface Paint {
  good(text: string): string
  bad(text: string): string
  unsure(text: string): string
  faint(text: string): string
  strong(text: string): string
}

/** `colour: false` leaves every text as it is. Sixteen colours only: they follow the user's own theme. */
export function makePaint(colour: boolean): Paint {
  const chalk = new Chalk({ level: colour ? 1 : 0 })
  return {
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    unsure: (text) => chalk.yellow(text),
    faint: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  }
}
