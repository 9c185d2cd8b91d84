/**
 * What can be set on an end of a connection, with the defaults of Linux.
 *
 * Left out: autotuning, but for a send buffer that is asked for it. Linux grows the buffers from 16 kB and 128 kB
 * up to tcp_wmem[2] and tcp_rmem[2] as the window opens; here an end has the upper bound from the start.
 */

export interface TcpOptions {
  /** Bytes written and not acknowledged, from which on `send` is refused. */
  readonly sendBufferBytes: number
  /** The buffer is only as large as Linux makes it (`tcp_sndbuf_expand`): two congestion windows. For who decides late what goes next. */
  readonly tunesSendBuffer: boolean
  /** Bytes received and not read by a paused reader, from which on the window is closed. */
  readonly receiveBufferBytes: number
  /** TLS 1.3 on top: one round trip more, and the overhead of records. */
  readonly tls: boolean
  /** From `connect` to `opened`; what takes longer ends with `closed('timeout')`. */
  readonly connectTimeoutUs: number
  /** How many retries of SYN wait 1 s each before the wait doubles. */
  readonly synLinearTimeouts: number
  /** TCP_USER_TIMEOUT (RFC 5482): unacknowledged for this long ends the connection; null leaves it to tcp_retries2. */
  readonly userTimeoutUs: number | null
}

export const DEFAULT_TCP_OPTIONS: TcpOptions = {
  sendBufferBytes: 4_194_304, // Linux tcp_wmem[2]
  tunesSendBuffer: false,
  receiveBufferBytes: 6_291_456, // Linux tcp_rmem[2]
  tls: false,
  connectTimeoutUs: 127_000_000, // Linux tcp_syn_retries 6: 1 + 2 + ... + 64 s
  synLinearTimeouts: 0, // RFC 6298: 1, 3, 7 s. Linux 6.5 and later: 4
  userTimeoutUs: null,
}
