// Completes package-lock.json: npm leaves out the optional packages of other platforms that the registry it asked does
// not hold, and then `npm ci` refuses the lockfile on every platform. Each gets an entry with its version, system and
// processor, which is what npm needs to leave it aside; where it does apply, npm asks its own registry for it.
// Run after `npm install`. With --check it only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SYSTEMS = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
  aix: 'aix',
}
const PROCESSORS = {
  arm: 'arm',
  armv7: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  x64: 'x64',
  wasm32: 'wasm32',
}

const file = join(import.meta.dirname, '..', 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = []

for (const [path, found] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(found.optionalDependencies ?? {})) {
    if (placesOf(path, name).some((place) => place in lock.packages)) continue
    const words = name.split(/[-/]/)
    const os = words.map((word) => SYSTEMS[word]).filter(Boolean)
    const cpu = words.map((word) => PROCESSORS[word]).filter(Boolean)
    if (os.length === 0 || cpu.length === 0 || !/^\d/.test(version)) {
      throw new Error(
        `${name}@${version}, an optional dependency of ${path || 'this package'}, has no entry, and its ` +
          'name does not tell for which platform it is',
      )
    }
    const libc = words.includes('musl')
      ? ['musl']
      : words.some((word) => /^(gnu|glibc)/.test(word))
        ? ['glibc']
        : undefined
    const dev = found.dev ? true : undefined
    missing.push([`node_modules/${name}`, { version, cpu, dev, libc, optional: true, os }])
  }
}

for (const [place, { version }] of missing) console.log(place, version)
if (process.argv.includes('--check')) process.exit(missing.length === 0 ? 0 : 1)
lock.packages = Object.fromEntries(
  [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => a.localeCompare(b, 'en')),
)
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`)

/** Where Node would look for a dependency, from the package's own folder up. */
function placesOf(path, name) {
  const places = [`${path ? `${path}/` : ''}node_modules/${name}`]
  for (let at = path; at.includes('/node_modules/');) {
    at = at.slice(0, at.lastIndexOf('/node_modules/'))
    places.push(`${at}/node_modules/${name}`)
  }
  return [...places, `node_modules/${name}`]
}
