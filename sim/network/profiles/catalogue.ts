/** The network profiles that are shipped, as their sources state them. Figures in kbit/s and milliseconds. */
import type { LossOptions } from '../impairments/loss.ts'
import type { NetworkProfile, StatedLatency } from './network-profile.ts'

const WEBPAGETEST = 'WebPageTest, connectivity.ini'
const DEVTOOLS = 'Chrome DevTools, NetworkManager'
const ATC = 'Augmented Traffic Control (Facebook)'
const WEBRTC = 'WebRTC, network emulator script (presets of Apple\'s Network Link Conditioner); a dummynet pipe with this delay per direction'
const LOADERO = 'Loadero, network conditions; settings are per flow, incoming first'

const WEBRTC_QUEUE_PACKETS = 100

function roundTrip(ms: number): StatedLatency { return { is: 'round-trip', ms } }
function oneWay(down: number, up = down): StatedLatency { return { is: 'one-way', ms: { down, up } } }
function devTools(ms: number, targetRoundTripMs: number): StatedLatency { return { is: 'request', ms, targetRoundTripMs } }
function lossOf(probability: number): LossOptions { return { model: 'random', probability } }

export const PROFILES: readonly NetworkProfile[] = [
  { name: 'wpt-cable', radio: 'wifi', summary: 'cable: 5/1 Mbit/s, 28 ms round trip', source: WEBPAGETEST, kbps: { down: 5000, up: 1000 }, latency: roundTrip(28) },
  { name: 'wpt-dsl', radio: 'wifi', summary: 'DSL: 1.5 Mbit/s down, 384 kbit/s up, 50 ms round trip', source: WEBPAGETEST, kbps: { down: 1500, up: 384 }, latency: roundTrip(50) },
  { name: 'wpt-3g-slow', radio: '3g', summary: 'slow 3G: 400 kbit/s, 400 ms round trip', source: WEBPAGETEST, kbps: { down: 400, up: 400 }, latency: roundTrip(400) },
  { name: 'wpt-3g', radio: '3g', summary: '3G: 1.6 Mbit/s down, 768 kbit/s up, 300 ms round trip', source: WEBPAGETEST, kbps: { down: 1600, up: 768 }, latency: roundTrip(300) },
  { name: 'wpt-3g-fast', radio: '3g', summary: 'fast 3G: 1.6 Mbit/s down, 768 kbit/s up, 150 ms round trip', source: WEBPAGETEST, kbps: { down: 1600, up: 768 }, latency: roundTrip(150) },
  { name: 'wpt-4g', radio: 'lte', summary: '4G: 9 Mbit/s, 170 ms round trip', source: WEBPAGETEST, kbps: { down: 9000, up: 9000 }, latency: roundTrip(170) },
  { name: 'wpt-lte', radio: 'lte', summary: 'LTE: 12 Mbit/s, 70 ms round trip', source: WEBPAGETEST, kbps: { down: 12_000, up: 12_000 }, latency: roundTrip(70) },
  { name: 'wpt-edge', radio: '2g', summary: 'EDGE: 240/200 kbit/s, 840 ms round trip', source: WEBPAGETEST, kbps: { down: 240, up: 200 }, latency: roundTrip(840) },
  { name: 'wpt-2g', radio: '2g', summary: '2G: 280/256 kbit/s, 800 ms round trip', source: WEBPAGETEST, kbps: { down: 280, up: 256 }, latency: roundTrip(800) },
  { name: 'wpt-fios', radio: 'wifi', summary: 'fibre to the home: 20/5 Mbit/s, 4 ms round trip', source: WEBPAGETEST, kbps: { down: 20_000, up: 5000 }, latency: roundTrip(4) },

  { name: 'chrome-3g', radio: '3g', summary: 'DevTools "3G": 400 kbit/s, stands for 400 ms round trip', source: DEVTOOLS, kbps: { down: 400, up: 400 }, latency: devTools(2000, 400) },
  { name: 'chrome-slow-4g', radio: 'lte', summary: 'DevTools "slow 4G": 1440/675 kbit/s, stands for 150 ms round trip', source: DEVTOOLS, kbps: { down: 1440, up: 675 }, latency: devTools(562.5, 150) },
  { name: 'chrome-fast-4g', radio: 'lte', summary: 'DevTools "fast 4G": 8100/1350 kbit/s, stands for 60 ms round trip', source: DEVTOOLS, kbps: { down: 8100, up: 1350 }, latency: devTools(165, 60) },

  { name: 'atc-2g-rural', radio: '2g', summary: '2G in a developing rural area: 20/18 kbit/s, 650 ms each way, 2 % loss', source: ATC, kbps: { down: 20, up: 18 }, latency: oneWay(650), loss: lossOf(0.02) },
  { name: 'atc-edge-avg', radio: '2g', summary: 'EDGE, average: 240/200 kbit/s, 400 ms down, 440 ms up', source: ATC, kbps: { down: 240, up: 200 }, latency: oneWay(400, 440) },
  { name: 'atc-edge-lossy', radio: '2g', summary: 'EDGE, lossy: as average with 1 % loss', source: ATC, kbps: { down: 240, up: 200 }, latency: oneWay(400, 440), loss: lossOf(0.01) },
  { name: 'atc-3g-avg', radio: '3g', summary: '3G, average: 780/330 kbit/s, 100 ms each way', source: ATC, kbps: { down: 780, up: 330 }, latency: oneWay(100) },
  { name: 'atc-cable', radio: 'wifi', summary: 'cable: 6/1 Mbit/s, 2 ms each way', source: ATC, kbps: { down: 6000, up: 1000 }, latency: oneWay(2) },

  { name: 'nlc-3g-lossy', radio: '3g', summary: '3G, lossy: 780/330 kbit/s, 100 ms each way, 1 % loss', source: WEBRTC, kbps: { down: 780, up: 330 }, latency: oneWay(100), loss: lossOf(0.01), queuePackets: WEBRTC_QUEUE_PACKETS },
  { name: 'nlc-wifi-avg', radio: 'wifi', summary: 'Wi-Fi, average: 40/33 Mbit/s, 1 ms each way', source: WEBRTC, kbps: { down: 40_000, up: 33_000 }, latency: oneWay(1), queuePackets: WEBRTC_QUEUE_PACKETS },
  { name: 'webrtc-generic-bad', radio: 'none', summary: 'bad network: 95 kbit/s, 250 ms each way, 2 % loss', source: WEBRTC, kbps: { down: 95, up: 95 }, latency: oneWay(250), loss: lossOf(0.02), queuePackets: WEBRTC_QUEUE_PACKETS },

  { name: 'loadero-3g', radio: '3g', summary: '3G: 1.2 Mbit/s, 250 +- 50 ms each way, 0.5 % loss', source: LOADERO, kbps: { down: 1200, up: 1200 }, latency: oneWay(250), jitterMs: { down: 50, up: 50 }, loss: lossOf(0.005) },
  { name: 'loadero-4g', radio: 'lte', summary: '4G: 100/50 Mbit/s, 45 ms each way, +- 5 ms down and 15 ms up, 0.2 % loss', source: LOADERO, kbps: { down: 100_000, up: 50_000 }, latency: oneWay(45), jitterMs: { down: 5, up: 15 }, loss: lossOf(0.002) },
  // Loadero does not say whose 600 ms these are. A geostationary hop takes about 250 ms, so it can only be the round trip.
  { name: 'satellite', radio: 'none', summary: 'satellite phone: 1000/256 kbit/s, 600 ms round trip', source: LOADERO, kbps: { down: 1000, up: 256 }, latency: roundTrip(600) },

  {
    // Nobody publishes presets for bursts. This one is made up: a short outage of 50 ms about every 2.5 seconds.
    name: 'burst-loss', radio: 'lte', summary: 'our own: an LTE link whose 2 % loss comes in bursts of 50 ms (no published source)',
    source: 'syncstorm: rate and latency of wpt-lte, bursts of our own making',
    kbps: { down: 12_000, up: 12_000 }, latency: roundTrip(70),
    loss: { model: 'gilbert-elliott', p: 0.004, r: 0.2, stepUs: 10_000 },
  },
]
