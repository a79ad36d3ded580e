import { computed, ref } from 'vue'
import { api, ask, Refusal, type Schemas } from './api/client'

/** Who is signed in on this page. The secret is in a cookie that scripts cannot read. */
type Me = Schemas['MeView']
const me = ref<Me>()
const known = ref(false)

export function useSession() {
  return {
    me,
    /** Asked the server at least once. */
    known,
    signedIn: computed(() => !!me.value),

    /** Finds out who is signed in; undefined when nobody is. Throws when the server cannot be reached. */
    async read(): Promise<Me | undefined> {
      try {
        me.value = await ask(api.GET('/api/v1/me'))
      } catch (e) {
        if (!(e instanceof Refusal) || e.status !== 401) throw e
        me.value = undefined
      }
      known.value = true
      return me.value
    },

    async signIn(login: string, password: string): Promise<Me> {
      const answer = await ask(api.POST('/api/v1/session', { body: { login, password } }))
      me.value = answer.me
      known.value = true
      return answer.me
    },

    async signOut() {
      await ask(api.DELETE('/api/v1/session'))
      me.value = undefined
    },
  }
}
