import { ref, shallowRef } from 'vue'
import { t } from '@/shared/i18n'
import { byDistance, metres, roughly, type Point } from './distance'

type Here = Point & { accuracy: number; at: number }

/** Where this device is, asked only when the worker taps for it; it stays on this page and goes nowhere. */
const here = shallowRef<Here>()
const state = ref<'idle' | 'asking' | 'refused' | 'nowhere' | 'insecure'>('idle')
const on = ref(false)

function locate() {
  if (state.value === 'asking') return
  if (!isSecureContext) return void (state.value = 'insecure') // there browsers tell nobody where they are
  if (!navigator.geolocation) return void (state.value = 'nowhere')
  state.value = 'asking'
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => {
      here.value = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, at: timestamp }
      state.value = 'idle'
      on.value = true
    },
    (e) => {
      state.value = e.code === e.PERMISSION_DENIED ? 'refused' : 'nowhere'
      on.value = false
    },
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  )
}

function off() {
  on.value = false
  if (state.value !== 'asking') state.value = 'idle'
}

/** A distance in words, no finer than it is known. */
export function farWords(distance: number, accuracy = 0): string {
  const far = roughly(distance, accuracy)
  const n = 'under' in far ? far.under : far.about
  const d = n < 1000 ? t('field.near.metres', { n }) : t('field.near.kilometres', { n: n / 1000 })
  return t('under' in far ? 'field.near.under' : 'field.near.about', { d })
}

export function useNear() {
  return {
    ...{ here, state, on, locate, off },
    /** By distance while it is asked for; otherwise everything counts as unplaced, as it came. */
    sorted: <T extends { point?: Point }>(list: T[]) =>
      on.value && here.value ? byDistance(list, here.value) : { placed: [], unplaced: list },
    /** How far it is, in words; empty when it is not asked for or not known. */
    away: (it: { point?: Point }): string =>
      on.value && here.value && it.point ? farWords(metres(here.value, it.point), here.value.accuracy) : '',
  }
}
