import { reactive, watch } from 'vue'
import { keepPreferences, readPreferences, showPreferences, type Preferences } from './device'

/** What somebody chose on this device; a change is shown and kept. */
export const preferences = reactive<Preferences>(readPreferences())

watch(preferences, () => {
  showPreferences(preferences)
  keepPreferences(preferences)
})
if (typeof document !== 'undefined') showPreferences(preferences) // there is none where pages are drawn at the build
