import type { RouteRecordRaw } from 'vue-router'

/** Administration and first run. Those with an icon stand in the navigation, by their permission. */
export const adminRoutes: RouteRecordRaw[] = []
