/** A real browser: Debian's Chromium, without a window, with a profile of its own. Ended with the test. */
import { chromium, type BrowserContext } from 'playwright-core'
import type { TestScope } from './process.ts'

const EXECUTABLE = '/usr/bin/chromium'

/** Starts it. Each has cookies of its own. */
export async function startChromium(t: TestScope): Promise<BrowserContext> {
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    // Its own sandbox needs what a container does not give, and the tests may run as root.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  t.teardown(() => browser.close())
  return browser.newContext()
}
