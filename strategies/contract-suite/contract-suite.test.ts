import { describe, it } from 'vitest'
import { installAmbient } from '../../sim/kernel/ambient.ts'
import { strategies } from '../index.ts'
import { contractChecks } from './index.ts'

installAmbient()

for (const module of strategies) {
  describe(`the strategy contract: ${module.name}`, async () => {
    const strategy = await module.load((name) => import(name))
    for (const { name, run } of contractChecks(module)) it(name, () => run(strategy))
  })
}
