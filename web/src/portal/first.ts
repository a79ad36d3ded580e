// Runs before anything of the page is drawn, as a script of its own (no module): the page that the server sent then
// appears at once in the language, the light and the size of print that were chosen on this device.
import { readPreferences, showPreferences } from '@/shared/device'

const preferences = readPreferences()
document.documentElement.lang = preferences.language
showPreferences(preferences)
