/** The server at one end of the real wire: notes what comes, and answers nothing. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery, Ended, ServerRequest } from './peer-messages.ts'
import { FIRST_PORT, HEADER, monotonicUs, SERVER_ADDRESS, SERVER_PORT, serve } from './peer-messages.ts'
import { mustHaveWs } from './ws-package.ts'

const RESET_GAP_MS = 10
const sockets = new Set<Socket>()
let deliveries: Delivery[] = []

function collect(): readonly Delivery[] {
  const collected = deliveries
  deliveries = []
  return collected
}

/** One by one, so that none waits for the one before it. */
async function resetAll(): Promise<readonly Ended[]> {
  const resets: Ended[] = []
  for (const socket of sockets) {
    await sleep(RESET_GAP_MS)
    resets.push({ connection: (socket.remotePort ?? 0) - FIRST_PORT, endedUs: monotonicUs() })
    socket.resetAndDestroy()
  }
  return resets
}

const server = new (mustHaveWs().WebSocketServer)({ host: SERVER_ADDRESS, port: SERVER_PORT, perMessageDeflate: false }, () => {
  serve((request: ServerRequest): unknown => request.ask === 'collect' ? collect() : resetAll())
})
server.on('connection', (ws, { socket }) => {
  sockets.add(socket)
  ws.on('close', () => { sockets.delete(socket) })
  ws.on('error', () => { sockets.delete(socket) })
  ws.on('message', (data) => {
    const receivedUs = monotonicUs()
    deliveries.push([data.readDoubleLE(HEADER.connection), data.readDoubleLE(HEADER.sentUs), receivedUs])
  })
})
