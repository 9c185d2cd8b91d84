/** Which strategies run over which transports: those that need ordered streams do not over datagrams. */
import type { Delivery, StrategyModule, TransportName } from '../contract.ts'

export function deliveryOf(transport: TransportName): Delivery {
  return transport === 'datagram' ? 'datagrams' : 'stream'
}

/** Whether the strategy bears what the transport does to its frames. */
export function bears({ delivery = 'stream' }: Pick<StrategyModule, 'delivery'>, transport: TransportName): boolean {
  return delivery === 'datagrams' || deliveryOf(transport) === 'stream'
}
