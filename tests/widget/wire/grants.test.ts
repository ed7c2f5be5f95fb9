import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ACT,
  agentGrant,
  allows,
  FULL_GRANT,
  type Grant,
  grant,
  inForce,
  intersect,
  NO_GRANT,
  PERCEIVE,
} from '../../../widget/src/wire/grants.ts'
import { accepted } from './signers.ts'

const NOW = 1_750_000_000

const grants: fc.Arbitrary<Grant> = fc.record({
  kind: fc.constant('grant' as const),
  perceive: fc.subarray([...PERCEIVE]),
  act: fc.subarray([...ACT]),
  backend: fc.constantFrom(undefined, 'somewhere'),
  hasEgress: fc.boolean(),
  expiresAt: fc.constantFrom(undefined, NOW - 1, NOW, NOW + 1),
})

describe('grants', () => {
  it('let a person do everything and an agent read along', () => {
    for (const capability of [...PERCEIVE, ...ACT]) expect(allows(FULL_GRANT, capability, NOW)).toBe(true)
    expect(agentGrant().perceive).toEqual(['read-chat', 'read-roster', 'receive-directed'])
    for (const capability of ACT) expect(allows(agentGrant(), capability, NOW)).toBe(false)
  })

  it('say that a backend is outside', () => {
    expect(agentGrant({ backend: 'b'.repeat(81) })).toMatchObject({ backend: 'b'.repeat(80), hasEgress: true })
    expect(agentGrant({ backend: '' })).toMatchObject({ backend: undefined, hasEgress: false })
  })

  it('end', () => {
    const ends: Grant = { ...FULL_GRANT, expiresAt: NOW }
    expect(allows(ends, 'act', NOW - 0.001)).toBe(true)
    expect(inForce(ends, NOW)).toEqual(NO_GRANT)
  })

  it('intersect to what both allow', () => {
    fc.assert(
      fc.property(grants, grants, (request, allowed) => {
        const both = intersect(request, allowed)
        for (const capability of [...PERCEIVE, ...ACT])
          expect(allows(both, capability, NOW)).toBe(allows(request, capability, NOW) && allows(allowed, capability, NOW))
        expect(both).toMatchObject({ backend: request.backend, hasEgress: request.hasEgress })
      }),
    )
  })

  it('survive the wire', () => {
    fc.assert(
      fc.property(grants, (given) => {
        expect(grant.decode(grant.encode(given))).toEqual(given)
      }),
    )
  })

  it('give nothing for what cannot be read', () => {
    fc.assert(
      fc.property(fc.anything(), (nonsense) => {
        const found = grant.decode({ perceive: nonsense, act: nonsense, expiresAt: 'x' })
        expect(found).toEqual({ ...NO_GRANT, expiresAt: 1 })
      }),
    )
  })

  it.each([undefined, null, 0, -0])('have no end where it says %j', (expiresAt) => {
    expect(grant.decode({ expiresAt })).toEqual(NO_GRANT)
  })

  it.each([-1, -0.5, true, false, '', '1750000000', [], {}, Number.NaN, Number.POSITIVE_INFINITY])(
    'are past where an end is not readable (%j)',
    (expiresAt) => {
      const found = accepted(grant.decode({ act: ['act'], expiresAt }))
      expect(allows(found, 'act', NOW)).toBe(false)
      expect(intersect(FULL_GRANT, found).expiresAt).toBe(1)
    },
  )
})
