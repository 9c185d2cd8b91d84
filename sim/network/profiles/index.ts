/** Network profiles and device classes by name. */
import { BadInput, showValue } from '../../bad-input.ts'
import { expectedName } from '../../scenario/nearest-name.ts'
import { PROFILES } from './catalogue.ts'
import { DEVICE_CLASSES, type DeviceClass } from './device-classes.ts'
import type { NetworkProfile } from './network-profile.ts'

export { PROFILES } from './catalogue.ts'
export { DEVICE_CLASSES, drawLinks, type DeviceClass } from './device-classes.ts'
export { linksOf, oneWayUs, type NetworkProfile, type PerDirection, type StatedLatency } from './network-profile.ts'

/** All network profiles, in the order in which they are listed. */
export function networkProfiles(): readonly NetworkProfile[] {
  return PROFILES
}

/**
 * The profile of this name.
 * @param where names the source of the name in the error, such as a file, and `path` the place in it
 * @throws BadInput with the names there are
 */
export function profileNamed(name: string, where: string, path = ''): NetworkProfile {
  return named(PROFILES, name, where, path)
}

/**
 * The device class of this name.
 * @throws BadInput with the names there are
 */
export function deviceClassNamed(name: string, where: string, path = ''): DeviceClass {
  return named(DEVICE_CLASSES, name, where, path)
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string, where: string, path: string): T {
  const found = all.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new BadInput({ code: 'unknown-name', where, path, expected: expectedName(name, all.map((one) => one.name)), got: showValue(name) })
}
