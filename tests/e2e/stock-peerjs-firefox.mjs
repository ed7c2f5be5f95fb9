// Runs the trials of stock-peerjs.js in Firefox, driven over WebDriver BiDi; prints one JSON object of results or errors.
// Arguments: Firefox's path, the page, the brokers' origins with commas between them, the trials' names.
import { launch } from 'puppeteer-core'

const [executablePath, page, brokers, ...names] = process.argv.slice(2)

const firefox = await launch({
  browser: 'firefox',
  executablePath,
  headless: true,
  timeout: 120_000, // ms; a first start on a busy machine takes its time
  extraPrefsFirefox: {
    'media.navigator.streams.fake': true, // a tone and a moving picture
    'media.navigator.permission.disabled': true, // nobody is there to be asked
    'media.autoplay.default': 0, // pictures start by themselves
    'media.peerconnection.ice.loopback': true, // both ends are on this machine, which may have no other network
    'media.peerconnection.ice.obfuscate_host_addresses': false, // nobody answers mDNS names here
    'media.gmp-manager.url': '', // nothing is downloaded during a test
  },
})
const results = {}
try {
  const tab = await firefox.newPage()
  await tab.goto(page)
  for (const name of names) {
    results[name] = await tab
      .evaluate((trial, origins) => window.runTrial(trial, origins), name, brokers.split(','))
      .catch((error) => ({ error: error.message }))
  }
} finally {
  await firefox.close()
}
console.log(JSON.stringify(results))
