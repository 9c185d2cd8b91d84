/** The recorded LTE link that mahimahi publishes, where a folder with it is at hand; it is not shipped. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Kernel } from '../kernel/kernel.ts'
import { KeyedRandom } from '../kernel/keyed-random.ts'
import { type DeliveryTrace, parseDeliveryTrace } from './delivery-trace.ts'
import { PacketLink } from './packet-link.ts'

const folder = process.env.SYNCSTORM_RECORDED
const skipped = folder === undefined ? ' (skipped: SYNCSTORM_RECORDED names no folder with it)' : ''
const LAST_US = 120_000_000
const LATENCY_US = 20_000

function readTrace(file: string): DeliveryTrace {
  return parseDeliveryTrace(gunzipSync(readFileSync(join(folder ?? '', file))).toString('latin1'), file)
}

/** Arrivals over the recording's length, of full packets that always keep the link busy. */
function saturate(recorded: DeliveryTrace): number[] {
  const kernel = new Kernel()
  const link = new PacketLink(1, { delay: { latencyUs: LATENCY_US }, bottleneck: { recorded }, queue: { maxPackets: 100 } }, kernel, new KeyedRandom('lte'))
  const arrivalsUs: number[] = []
  const send = (): void => {
    for (let packet = 0; packet < 20; packet++) link.send({ sizeBytes: 1500 }, () => { arrivalsUs.push(kernel.nowUs) })
    kernel.after(1_000, send)
  }
  kernel.at(0, send)
  kernel.run({ untilUs: LAST_US + LATENCY_US })
  return arrivalsUs
}

describe(`recorded LTE link${skipped}`, () => {
  it.skipIf(folder === undefined).each([
    ['ATT-LTE-driving-2016.up.gz', 19_101],
    ['ATT-LTE-driving-2016.down.gz', 45_604],
  ])('%s: two minutes whose %i opportunities a busy link uses within 2 %%', (file, opportunities) => {
    const trace = readTrace(file)
    expect(trace.opportunitiesUs).toHaveLength(opportunities)
    expect(Math.abs(saturate(trace).length / opportunities - 1)).toBeLessThan(0.02)
  })

  it.skipIf(folder === undefined)('the uplink falls silent for four seconds', () => {
    const arrivalsUs = saturate(readTrace('ATT-LTE-driving-2016.up.gz'))
    const longest = arrivalsUs.reduce((gap, atUs, index) => index === 0 ? gap : Math.max(gap, atUs - arrivalsUs[index - 1]), 0)
    expect(longest).toBe(4_061_000) // from 20.836 to 24.897 s
  })
})
