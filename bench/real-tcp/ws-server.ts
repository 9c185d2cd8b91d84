/** The server at one end of the real wire: notes what comes, and answers nothing. */
import type { Socket } from 'node:net'
import type { Delivery, ServerRequest } from './peer-messages.ts'
import { HEADER, monotonicUs, SERVER_ADDRESS, SERVER_PORT, serve } from './peer-messages.ts'
import { mustHaveWs } from './ws-package.ts'

const sockets = new Set<Socket>()
let deliveries: Delivery[] = []

function collect(): readonly Delivery[] {
  const collected = deliveries
  deliveries = []
  return collected
}

/** @returns when */
function resetAll(): number {
  const nowUs = monotonicUs()
  for (const socket of sockets) socket.resetAndDestroy()
  return nowUs
}

const server = new (mustHaveWs().WebSocketServer)({ host: SERVER_ADDRESS, port: SERVER_PORT, perMessageDeflate: false }, () => {
  serve((request: ServerRequest) => request.ask === 'collect' ? collect() : resetAll())
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
