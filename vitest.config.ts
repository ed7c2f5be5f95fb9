import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/widget/**/*.test.ts'],
    reporters: ['default'],
    isolate: false, // no test patches a global, so files may share a worker: a third of the time
    testTimeout: 60_000, // a bound against hanging, not a claim about speed: a busy machine is no failure
  },
})
