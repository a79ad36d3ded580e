import base from './playwright.config'

/** `make screenshots`: every screen as a picture; tests/pictures says which. */
export default { ...base, testMatch: 'pictures/*.pictures.ts', workers: 1, timeout: 600_000, projects: [{ name: 'pictures' }] }
