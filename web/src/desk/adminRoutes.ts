import type { RouteRecordRaw } from 'vue-router'

/** Administration and first run. Those with an icon stand in the navigation, by their permission. */
export const adminRoutes: RouteRecordRaw[] = [
  {
    path: '/notices',
    component: () => import('./screens/admin/NoticesScreen.vue'),
    meta: { title: 'desk.admin.board.title', icon: 'horn', may: ['board.write'] },
  },
  {
    path: '/areas',
    component: () => import('./screens/admin/AreasScreen.vue'),
    meta: { title: 'desk.admin.areas.title', icon: 'map', may: ['area.read'] },
  },
  {
    path: '/areas/:code',
    component: () => import('./screens/admin/AreasScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.areas.title' },
  },
  {
    path: '/organisations',
    component: () => import('./screens/admin/OrganisationsScreen.vue'),
    meta: { title: 'desk.admin.orgs.title', icon: 'building', may: ['area.read'] },
  },
  {
    path: '/organisations/:code',
    component: () => import('./screens/admin/OrganisationScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.orgs.one' },
  },
  {
    path: '/people',
    component: () => import('./screens/admin/PeopleScreen.vue'),
    meta: { title: 'desk.admin.people.title', icon: 'people', may: ['staff.read'] },
  },
  {
    path: '/people/vacancies',
    component: () => import('./screens/admin/VacanciesScreen.vue'),
    meta: { title: 'desk.admin.people.tab.vacancies' },
  },
  {
    path: '/people/reviews',
    component: () => import('./screens/admin/ReviewsScreen.vue'),
    meta: { title: 'desk.admin.people.tab.reviews' },
  },
  { path: '/people/roles', component: () => import('./screens/admin/RolesScreen.vue'), meta: { title: 'desk.admin.people.tab.roles' } },
  {
    path: '/people/:id',
    component: () => import('./screens/admin/PersonScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.people.one' },
  },
  {
    path: '/models',
    component: () => import('./screens/admin/ModelsScreen.vue'),
    meta: { title: 'desk.admin.models.title', icon: 'flow', may: ['model.read'] },
  },
  {
    path: '/models/check',
    component: () => import('./screens/admin/ModelCheckScreen.vue'),
    meta: { title: 'desk.admin.models.checkDraft' },
  },
  {
    path: '/models/:id',
    component: () => import('./screens/admin/ModelScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.models.one' },
  },
  {
    path: '/calendars',
    component: () => import('./screens/admin/CalendarsScreen.vue'),
    meta: { title: 'desk.admin.calendars.title', icon: 'calendar', may: ['model.read', 'calendar.write'] },
  },
  {
    path: '/imports',
    redirect: '/imports/areas',
    meta: { title: 'desk.admin.imports.title', icon: 'upload', may: ['import'] },
  },
  {
    path: '/imports/:what',
    component: () => import('./screens/admin/ImportsScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.imports.title' },
  },
  {
    path: '/tokens',
    component: () => import('./screens/admin/TokensScreen.vue'),
    meta: { title: 'desk.admin.tokens.title', icon: 'key', may: ['system.admin', 'export'] },
  },
  {
    path: '/access-log',
    component: () => import('./screens/admin/AccessLogScreen.vue'),
    meta: { title: 'desk.admin.log.title', icon: 'lock', may: ['case.audit', 'system.admin'] },
  },
  {
    path: '/cases/:reference/audit',
    component: () => import('./screens/admin/CaseAuditScreen.vue'),
    props: true,
    meta: { title: 'desk.admin.log.caseShort' },
  },
  {
    path: '/setup',
    name: 'setup',
    component: () => import('./screens/admin/SetupScreen.vue'),
    meta: { title: 'desk.admin.setup.title', icon: 'flag', may: ['system.admin'], bare: true },
  },
]
