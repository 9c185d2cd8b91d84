/** The client at the other end of the real wire: opens connections and sends on all of them at a steady pace. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientRequest, Ended, Opened } from './peer-messages.ts'
import { CLIENT_ADDRESS, FIRST_PORT, HEADER, monotonicUs, SERVER_ADDRESS, SERVER_PORT, serve } from './peer-messages.ts'
import type { RealSocket } from './ws-package.ts'
import { mustHaveWs } from './ws-package.ts'

const OPEN_WITHIN_MS = 30_000
const { WebSocket } = mustHaveWs()
const sockets = new Map<number, RealSocket>()
let ended: Ended[] = []

function dial(connection: number): Promise<Opened> {
  const dialledUs = monotonicUs()
  const socket = new WebSocket(`ws://${SERVER_ADDRESS}:${SERVER_PORT}`, { perMessageDeflate: false, localPort: FIRST_PORT + connection, localAddress: CLIENT_ADDRESS })
  sockets.set(connection, socket)
  let requestBytes = 0
  let responseBytes = 0
  socket.on('upgrade', ({ socket: { bytesRead, bytesWritten } }) => {
    requestBytes = bytesWritten
    responseBytes = bytesRead
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`connection ${connection} did not open`)), OPEN_WITHIN_MS)
    socket.on('open', () => {
      clearTimeout(timer)
      resolve({ connection, dialledUs, openedUs: monotonicUs(), requestBytes, responseBytes })
    })
    socket.on('error', reject)
    socket.on('close', () => { ended.push({ connection, endedUs: monotonicUs() }) })
  })
}

async function open(connections: readonly number[], gapMs: number): Promise<readonly Opened[]> {
  ended = []
  const opening: Promise<Opened>[] = []
  for (const connection of connections) {
    opening.push(dial(connection))
    await sleep(gapMs)
  }
  return Promise.all(opening)
}

/** One message per gap on every connection, each connection a little after the one before it. */
async function stream(gapMs: number, durationMs: number, payloadBytes: number): Promise<number> {
  let taken = 0
  const send = (connection: number, socket: RealSocket): void => {
    const payload = Buffer.alloc(payloadBytes)
    payload.writeDoubleLE(connection, HEADER.connection)
    payload.writeDoubleLE(monotonicUs(), HEADER.sentUs)
    socket.send(payload, (error) => { if (error === undefined || error === null) taken++ })
  }
  const streams = [...sockets].map(async ([connection, socket], index) => {
    await sleep(gapMs * index / sockets.size)
    const beganMs = performance.now()
    for (let count = 0; count * gapMs < durationMs; count++) {
      await sleep(Math.max(beganMs + count * gapMs - performance.now(), 0))
      send(connection, socket)
    }
  })
  await Promise.all(streams)
  await sleep(20)
  return taken
}

function close(): number {
  const count = sockets.size
  for (const socket of sockets.values()) socket.terminate()
  sockets.clear()
  return count
}

serve((request: ClientRequest): unknown => {
  switch (request.ask) {
    case 'open': return open(request.connections, request.gapMs)
    case 'stream': return stream(request.gapMs, request.durationMs, request.payloadBytes)
    case 'ended': return ended
    case 'close': return close()
  }
})
