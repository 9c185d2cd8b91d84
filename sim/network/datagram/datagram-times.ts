/** The clocks of a data channel, and the pace that strategies over datagrams are held to. */

/** RFC 7675, 5.1: consent is asked for every 5 s, and expires 30 s after the last answer. */
export const CONSENT_CHECK_US = 5_000_000
export const CONSENT_EXPIRY_US = 30_000_000
/**
 * Flights of the handshake are repeated at a steady pace: ICE's floor for its first timeout (RFC 8445, 14.3).
 * Browsers are no slower at first (libwebrtc checks a new path every 48 ms, and its DTLS begins at 50 ms), and back off
 * later.
 */
export const HANDSHAKE_REPEAT_US = 500_000
/** As long as consent: nobody waits longer for a peer that does not answer. */
export const DIAL_TIMEOUT_US = CONSENT_EXPIRY_US

/**
 * What a strategy with `delivery: 'datagrams'` promises: what may have been lost is said again this often, or
 * oftener, until it is known to have arrived. The bounds on staleness and on quiet count on it.
 */
export const REPEAT_PROMISE_US = 1_000_000
