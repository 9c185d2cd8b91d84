import { describe, expect, test } from 'vitest'
import { installAmbient } from '../../sim/index.ts'
import { prepareCampaign } from './prepare-campaign.ts'

installAmbient() // before any strategy's library is imported (D3)

const request = (...set: readonly string[]) => ({ seeds: '1', strategies: 'lww-server', format: 'json', set })

describe('prepareCampaign', () => {
  test('D5: refuses weather that waits for a moment of the protocol, by name, since it strikes each strategy at another time', async () => {
    const [fixed, waiting] = ['{"type":"break","name":"reset","count":1}', '{"type":"break","name":"cut","count":1,"when":{"event":"answer-sent"}}']
    await expect(prepareCampaign('order-desk', request(`weather=[${fixed}]`), '.')).resolves.toMatchObject({ seeds: ['1'] })
    await expect(prepareCampaign('order-desk', request(`weather=[${fixed},${waiting}]`), '.')).rejects.toThrow(
      'order-desk: weather[1].when: expected weather that strikes every strategy at the same times, for a comparison (run and fuzz take any), got "cut", which waits for answer-sent')
  })
})
