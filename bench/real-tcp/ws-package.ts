/** The `ws` package, if it can be found from here or along NODE_PATH, and the little of it that is used. */
import { createRequire } from 'node:module'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export interface RealSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: Uint8Array, done: (error?: Error) => void): void
  terminate(): void
  on(event: 'open' | 'close', heard: () => void): void
  on(event: 'error', heard: (error: Error) => void): void
  on(event: 'upgrade', heard: (response: IncomingMessage) => void): void
  on(event: 'message', heard: (data: Buffer) => void): void
}

export interface WsPackage {
  readonly WebSocket: new (url: string, options: { readonly perMessageDeflate: false; readonly localPort: number; readonly localAddress: string }) => RealSocket
  readonly WebSocketServer: new (options: { readonly host: string; readonly port: number; readonly perMessageDeflate: false }, listening: () => void) => {
    on(event: 'connection', heard: (socket: RealSocket, request: { readonly socket: Socket }) => void): void
  }
}

/** @returns undefined if the package is not installed */
export function wsPackage(): WsPackage | undefined {
  const require = createRequire(import.meta.url)
  try {
    require.resolve('ws')
  } catch {
    return undefined
  }
  return require('ws') as WsPackage
}

export function mustHaveWs(): WsPackage {
  const found = wsPackage()
  if (found === undefined) throw new Error('the ws package is not installed')
  return found
}
