import type { RouteRecordRaw } from 'vue-router'
import type { IconName } from '@/shared/parts/icons'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the screen's name; also the page's title. */
    title?: string
    /** Shown in the navigation with this icon. Several permissions: any of them opens it. */
    icon?: IconName
    may?: string[]
    /** A screen that is seen without the navigation around it (first run). */
    bare?: boolean
  }
}

export type Way = { to: string; title: string; icon: IconName; may: string[] }

/** The routes that stand in the navigation, in their order. */
export function ways(routes: RouteRecordRaw[]): Way[] {
  return routes
    .filter((r) => r.meta?.icon && r.meta.title)
    .map((r) => ({ to: r.path, title: r.meta!.title!, icon: r.meta!.icon!, may: r.meta!.may ?? [] }))
}
