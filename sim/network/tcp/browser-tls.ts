/** A browser's socket: TLS, and an end to its patience while the connection is being made. */
import type { TcpOptions } from './tcp-options.ts'

/**
 * A handshake that hangs (the server's machine died between two flights) has nothing to send again, and ends by
 * Chromium's `kSSLHandshakeTimeoutInSeconds`, counted here from the SYN.
 */
export const BROWSER_TLS: Partial<TcpOptions> = { tls: true, connectTimeoutUs: 30_000_000 }
